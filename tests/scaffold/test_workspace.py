"""A new workspace: its files, what it refuses, and that it runs at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from assetbook.checking import Checker, find_notebooks
from assetbook.cli.init import init
from assetbook.errors import WorkspaceError
from assetbook.scaffold import make_workspace, writing

FILES = {
    ".gitignore", "Makefile", "README.md", "assetbook.txt", "assets/__init__.py", "assets/bicycles.py",
    "assets/example/bicycles.csv", "data/landing/bicycles.csv", "definitions.py",
    "notebooks/bicycles/bicycle_features.ipynb", "notebooks/bicycles/bicycle_model.ipynb",
    "notebooks/bicycles/bicycle_report.ipynb", "pyproject.toml", "requirements.lock", "resources/local.py",
    "resources/production.py", "sensors/bicycles.py", "tests/test_bicycles.py", "workspace.yaml",
}  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "town-counts")


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a workspace, as somebody who knows of no other."""
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("ASSETBOOK", "DAGSTER"))
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**variables, "ASSETBOOK_STAY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_files_are_those_of_a_workspace(made: Path) -> None:
    files = {path.relative_to(made) for path in made.rglob("*") if path.is_file()}
    assert {path.as_posix() for path in files if path.parts[0] != ".git"} == FILES
    assert "location_name: town-counts" in (made / "workspace.yaml").read_text()
    assert 'code_location_name = "town-counts"' in (made / "pyproject.toml").read_text()
    for path in files - {path for path in files if path.parts[0] == ".git"}:
        assert "@NAME@" not in (made / path).read_text()
        assert "@SOURCE@" not in (made / path).read_text()


def test_nothing_is_found_by_the_linter(made: Path) -> None:
    checker = Checker(made)
    notebooks = list(find_notebooks([made / "notebooks"]))
    assert len(notebooks) == 3
    for path in notebooks:
        assert checker.check_file(path).findings == ()
        nbformat.validate(nbformat.read(path, as_version=4))
    assert checker.check_workspace(notebooks).findings == ()


def test_its_code_is_formatted_and_clean(made: Path) -> None:
    files = [str(path) for path in made.rglob("*.py")]
    options = ["--line-length", "120", "--isolated"]
    assert run("-m", "ruff", "check", *options, *files, folder=made).stdout.startswith("All checks passed")
    assert run("-m", "ruff", "format", "--check", *options, *files, folder=made).returncode == 0


def test_it_is_the_same_each_time(made: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    again = make_workspace(tmp_path / "again" / "town-counts")
    for name in FILES:
        assert (made / name).read_bytes() == (again / name).read_bytes(), name


def test_it_runs_at_once(made: Path) -> None:
    ran = run("-m", "assetbook", "run", "bicycles", folder=made)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shown = json.loads(run("-m", "assetbook", "ls", "--json", folder=made).stdout)
    names = {"bicycles", "bicycle_features", "bicycle_model", "bicycle_forecast", "bicycle_report"}
    assert {asset["asset"] for asset in shown} >= names
    assert [asset["problem"] for asset in shown if asset["problem"]] == []


@pytest.mark.timeout(400)
def test_its_tests_pass(made: Path) -> None:
    """Among them is that all of it is made from the example."""
    ran = run("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=made)
    assert ran.returncode == 0, ran.stdout + ran.stderr


# ---- what is refused


@pytest.mark.parametrize("name", ["2fast", "-x", "with space", "a.b", "ümlaut", ".hidden"])
def test_a_name_that_cannot_be_one(name: str, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="expected a letter, then letters, digits, - and _"):
        make_workspace(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"full is not empty. Name a new folder, or empty it."):
        make_workspace(tmp_path / "full")
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "mine.txt"]


def test_a_file_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(WorkspaceError, match="is a file"):
        make_workspace(tmp_path / "taken")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"There is no folder .*/nowhere. Make it first: mkdir -p "):
        make_workspace(tmp_path / "nowhere" / "a")


def test_nothing_is_left_of_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "_put_under_version_control", full)
    with pytest.raises(WorkspaceError, match=r"No space left on device. Nothing was left behind."):
        make_workspace(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_in_a_folder_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    rename, count = Path.rename, iter(range(100))

    def fail_later(self: Path, target: Path) -> Path:
        if next(count) == 3:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_later)
    with pytest.raises(WorkspaceError):
        make_workspace(tmp_path / "here")
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]


# ---- the command


def test_the_command_says_what_to_do_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(init, ["counts"]).output
    assert shown.splitlines()[:3] == [
        f"The workspace counts is in {tmp_path / 'counts'}. What to do next:",
        "  cd counts",
        "  assetbook run   make everything of the example, in this environment",
    ]
    assert (tmp_path / "counts" / "Makefile").is_file()


def test_the_current_folder_may_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "counts").mkdir()
    monkeypatch.chdir(tmp_path / "counts")
    shown = CliRunner().invoke(init, ["."]).output
    assert "cd " not in shown
    assert Path("workspace.yaml").read_text().endswith("location_name: counts\n")
    assert [path.name for path in tmp_path.iterdir()] == ["counts"]
