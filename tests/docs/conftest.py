"""The flights workspace after the first `make run`, where every page begins."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.browser import chromium
from tests.docs.pages import ROOT
from tests.docs.reader import Reader

__all__ = ["chromium"]

WORKSPACE = ("assets", "notebooks", "resources", "sensors")
FILES = ("Makefile", "definitions.py", "pyproject.toml", "requirements.lock", "workspace.yaml")
OTHERS = ("ASSETBOOK_", "DAGSTER_", "PYTEST", "MLFLOW_", "NO_COLOR", "COLUMNS")


@pytest.fixture(scope="session")
def cloned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the repository as `make setup` leaves it; its environment is that of the tests."""
    root = tmp_path_factory.mktemp("clone") / "flights"
    for folder in WORKSPACE:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for file in FILES:
        shutil.copy2(ROOT / file, root / file)
    environment = root / ".venv"
    environment.mkdir()
    for part in Path(sys.prefix).iterdir():
        (environment / part.name).symlink_to(part)
    (environment / "ready").unlink(missing_ok=True)
    (environment / "ready").touch()  # newer than the lists that it is made from
    return root


@pytest.fixture(scope="session")
def variables(cloned: Path) -> dict[str, str]:
    """The environment of somebody who has activated the workspace's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    return {
        **kept,
        "PATH": os.pathsep.join([str(cloned / ".venv" / "bin"), os.environ["PATH"]]),
        "ASSETBOOK_STAY": "60",  # commands are copies of a warm process, as they are for people
        "OTEL_SERVICE_NAME": str(uuid4()),  # which nobody else uses
        "SUPPLIER_TOKEN": "a token of the supplier",
        "BROWSER": "true",  # a program that does nothing
        "TERM": "dumb",
    }


@pytest.fixture(scope="session")
def first_run(cloned: Path, variables: dict[str, str]) -> str:
    """What the first `make run` says."""
    said = _run("make run", cloned, variables)
    _run("assetbook home > .env", cloned, variables)  # as `make setup` does
    shutil.copytree(cloned, _kept(cloned), symlinks=True)
    return said


@pytest.fixture
def reader(cloned: Path, variables: dict[str, str], first_run: str) -> Reader:
    """A reader in the workspace as that run has left it."""
    shutil.rmtree(cloned)
    shutil.copytree(_kept(cloned), cloned, symlinks=True)
    return Reader(cloned, variables, first_run=first_run)


def _run(command: str, root: Path, variables: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=root, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _kept(root: Path) -> Path:
    return root.with_name("kept")
