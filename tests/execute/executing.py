from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from assetbook.execute import NotebookJob, NotebookResult, run_notebook, warm

PARAMETERS = "parameters"


def cell(source: str, *tags: str, kind: str = "code", number: int = 0) -> dict[str, Any]:
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": f"c{number}", "source": source, "metadata": {"tags": list(tags)}, **code}


def write_nb(path: Path, cells: Sequence[str | dict[str, Any]], **metadata: Any) -> Path:
    """Write a notebook; a text is a code cell."""
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": metadata,
        "cells": [
            (cell(c) if isinstance(c, str) else c) | {"id": f"c{number}"} for number, c in enumerate(cells)
        ],
    }
    path.write_text(json.dumps(document), "utf-8")
    return path


@dataclass
class Recorder:
    """An observer that keeps everything, in order."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)
    on_text: Callable[[str], None] | None = None

    def cell_started(self, number: int, total: int) -> None:
        self.calls.append(("started", number, total))

    def cell_finished(self, number: int, total: int, seconds: float) -> None:
        assert seconds >= 0
        self.calls.append(("finished", number, total))

    def text(self, stream: str, text: str) -> None:
        self.calls.append((stream, text))
        if self.on_text:
            self.on_text(text)

    def event(self, event: dict[str, Any]) -> None:
        self.calls.append(("event", event))

    def printed(self, stream: str = "stdout") -> str:
        return "".join(call[1] for call in self.calls if call[0] == stream)


@dataclass
class Runner:
    """Runs notebooks in a folder."""

    root: Path
    recorder: Recorder = field(default_factory=Recorder)

    @property
    def run_dir(self) -> Path:
        return self.root / "run"

    def job(self, cells: Sequence[str | dict[str, Any]], **options: Any) -> NotebookJob:
        metadata = options.pop("metadata", {})
        notebook = write_nb(self.root / "nb.ipynb", cells, **metadata)
        return NotebookJob(**{"notebook": notebook, "run_dir": self.run_dir, "root": self.root, **options})

    def run(self, cells: Sequence[str | dict[str, Any]], **options: Any) -> NotebookResult:
        return run_notebook(self.job(cells, **options), observer=self.recorder)


def saved(result: NotebookResult) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(result.saved.read_text("utf-8"))
    return document


def source_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def run_python(script: str, **options: Any) -> str:
    """Run a script in a process of its own; return what it prints."""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def wait_until(condition: Callable[[], Any], what: str, *, seconds: float = 20.0) -> Any:
    """Wait for something and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
    return found


def ended(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def server_pid() -> int:
    """Return the process of the fork server that this one is connected to."""
    server = warm.supply._SUPPLY._server  # type: ignore[attr-defined]
    assert server
    return int(server.pid)
