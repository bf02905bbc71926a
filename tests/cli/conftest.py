"""The command line, called in this process, with what reaches the terminal's descriptors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(
    workspace: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Answer]]:
    """Call `assetbook` with these arguments."""
    from assetbook.cli import main

    monkeypatch.setattr("sys.warnoptions", [])  # as at a terminal: libraries' warnings are not for our users

    def call(*arguments: str) -> Answer:
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main(list(arguments), prog_name="assetbook")
        sys.stdout.flush()
        found = capfd.readouterr()
        code = end.value.code
        return Answer(code if isinstance(code, int) else 0, found.out, found.err)

    yield call
    os.environ.pop("DAGSTER_HOME", None)
    os.environ.pop("NO_COLOR", None)


COMMAND = [sys.executable, "-c", "from assetbook.cli import main; main(prog_name='assetbook')"]


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without what belongs to another workspace."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("ASSETBOOK_", "DAGSTER_", "PYTEST", "NO_COLOR"))
    }
    return {**kept, "TERM": "xterm-256color", **variables}


def start(root: Path, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start `assetbook` as a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )
