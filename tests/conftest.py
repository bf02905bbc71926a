"""What several folders of tests share: a small workspace on disk, and notebooks written in two lines."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

RESOURCES = """
from assetbook.platform import LakeIOManager, MlflowResource
from dagster_duckdb import DuckDBResource

def resources(settings):
    found = {"io_manager": LakeIOManager(root=settings.lake), "duckdb": DuckDBResource(database=":memory:")}
    if (settings.root / "with_mlflow").exists():
        found["mlflow"] = MlflowResource(tracking_uri=settings.mlflow, experiment="test",
                                         artifact_location=settings.mlflow_artifacts.as_uri())
    return found
"""


def pytest_configure() -> None:
    """Set what all tests share with the processes that they start."""
    os.environ["ASSETBOOK_STAY"] = "0"  # nothing stays when they are done
    os.environ["XDG_TESTS"] = str(os.getpid())  # a fork server depends on it: theirs are nobody else's
    # let them hear Ctrl-C: a shell's background job, as CI may be, has it ignored
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def notebook_json(cells: list[str], *, parameters: str | None = None, **metadata: Any) -> dict[str, Any]:
    """Return a notebook of these code cells; a cell that begins with ``#`` and a space is markdown."""
    found = [{"source": parameters, "tags": ["parameters"]}] if parameters is not None else []
    found += [{"source": dedent(cell).strip("\n"), "tags": []} for cell in cells]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}, **metadata},
        "cells": [_cell(n, cell["source"], cell["tags"]) for n, cell in enumerate(found)],
    }


def _cell(number: int, source: str, tags: list[str]) -> dict[str, Any]:
    cell: dict[str, Any] = {"id": f"c{number}", "metadata": {"tags": tags} if tags else {}, "source": source}
    if source.startswith("# "):
        return {**cell, "cell_type": "markdown"}
    return {**cell, "cell_type": "code", "execution_count": None, "outputs": []}


class WorkspaceFolder:
    """A workspace on disk that a test fills with notebooks and modules."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("workspace.yaml", "load_from: []\n")
        self.write("resources/local.py", RESOURCES)

    def write(self, path: str, text: str) -> Path:
        """Write a file below the root."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text), "utf-8")
        return target

    def notebook(
        self, name: str, cells: list[str], *, parameters: str | None = None, **metadata: Any
    ) -> Path:
        """Write ``notebooks/<name>.ipynb``."""
        text = json.dumps(notebook_json(cells, parameters=parameters, **metadata))
        target = self.root / "notebooks" / f"{name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        return target


def _take_workspace_modules() -> dict[str, ModuleType]:
    """Remove the modules that every workspace has under the same names, and return them."""
    names = [n for n in sys.modules if n.split(".")[0] in {"assets", "resources", "sensors"}]
    return {name: sys.modules.pop(name) for name in names}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkspaceFolder]:
    """An empty workspace in a folder of its own; its modules are forgotten afterwards, those of others kept."""
    for variable in (
        "ASSETBOOK_DATA",
        "ASSETBOOK_LAKE",
        "ASSETBOOK_MLFLOW",
        "ASSETBOOK_ROOT",
        "DAGSTER_HOME",
    ):
        monkeypatch.delenv(variable, raising=False)
    root = tmp_path / "space"
    root.mkdir()
    monkeypatch.chdir(root)
    path, modules = list(sys.path), _take_workspace_modules()
    yield WorkspaceFolder(root)
    sys.path[:] = path
    _take_workspace_modules()
    sys.modules.update(modules)


@pytest.fixture
def write_notebook() -> Callable[..., dict[str, Any]]:
    """The builder of notebooks, for tests that write files themselves."""
    return notebook_json
