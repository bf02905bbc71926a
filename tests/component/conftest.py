"""A Dagster project that is not ours, on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import dagster as dg
import pytest

from tests.conftest import notebook_json

PROGRAMS = Path(sys.executable).parent
HOME = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"
PYPROJECT = """
[project]
name = "shop"

[tool.dg]
directory_type = "project"

[tool.dg.project]
root_module = "shop"
"""


class Project:
    """A project that a test fills with notebooks and modules; it is not installed, but its ``src`` is importable."""

    def __init__(self, root: Path, *, home: Path) -> None:
        self.root = root
        self.defs = root / "src" / "shop" / "defs"
        home.mkdir(exist_ok=True)
        (home / "dagster.yaml").write_text(HOME, "utf-8")
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
            "PYTHONPATH": str(root / "src"),
            "DAGSTER_HOME": str(home),
            "DAGSTER_DG_UPDATE_CHECK_ENABLED": "0",
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }

    def write(self, path: str, text: str) -> Path:
        """Write a file below the root."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text).lstrip("\n"), "utf-8")
        return target

    def notebook(self, path: str, cells: Sequence[str], *, parameters: str | None = None) -> Path:
        """Write a notebook below the root."""
        text = json.dumps(notebook_json(list(cells), parameters=parameters))
        return self.write(path, text)

    def call(self, *command: str, code: int = 0) -> str:
        """Run a command in the project's folder and return all that it says; it must end with `code`."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == code, done.stdout
        return done.stdout


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only the project say where its data is."""
    for variable in [name for name in os.environ if name.startswith(("ASSETBOOK_", "DAGSTER_"))]:
        if variable != "ASSETBOOK_STAY":
            monkeypatch.delenv(variable)


@pytest.fixture
def created(tmp_path: Path) -> Project:
    """A project as ``create-dagster`` makes it."""
    project = Project(tmp_path / "shop", home=tmp_path / "home")
    subprocess.run(
        [str(PROGRAMS / "create-dagster"), "project", "shop", "--no-uv-sync"],
        cwd=tmp_path,
        env=project.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with settings and nothing else, for tests that load parts of it in this process."""
    found = Project(tmp_path / "shop", home=tmp_path / "home")
    found.write("pyproject.toml", PYPROJECT)
    found.write("src/shop/__init__.py", "")
    return found


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance with files of its own."""
    folder = tmp_path / "instance"
    folder.mkdir()
    with dg.DagsterInstance.local_temp(str(folder)) as found:
        yield found


def run(
    definitions: dg.Definitions, *names: str, on: dg.DagsterInstance, partition: str | None = None
) -> Any:
    """Materialize assets in this process, as the project's own code location would."""
    job = definitions.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=on,
        asset_selection=[dg.AssetKey(name) for name in names],
        partition_key=partition,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        raise_on_error=False,
    )
