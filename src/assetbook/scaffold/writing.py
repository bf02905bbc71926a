"""Writing a new workspace: all of it, or nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assetbook.errors import WorkspaceError
from assetbook.scaffold.lock import BUILD, WANTED, locked
from assetbook.scaffold.origin import is_folder, requirement

TEMPLATES = Path(__file__).parent / "templates"
EXAMPLE = "bicycles.csv"
_SUFFIX = ".txt"  # of a template, which is no module, notebook or setting here
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def make_workspace(target: Path) -> Path:
    """Write a new workspace, and return its folder.

    Args:
        target: the folder: a new one, or one that is empty. Its name is the workspace's.

    Raises:
        WorkspaceError: the name cannot be one, there is something already, or it cannot be written.
    """
    folder = target.absolute()
    folder = folder.resolve() if target == Path() else folder
    _check(folder)
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as draft:
            made = Path(draft) / folder.name
            _write(made, name=folder.name)
            _move(made, folder)
    except OSError as error:
        raise WorkspaceError(
            f"{folder} cannot be written: {error.strerror or error}. Nothing was left behind."
        ) from error
    return folder


def _check(folder: Path) -> None:
    if not _NAME.fullmatch(folder.name):
        raise WorkspaceError(
            f"A workspace cannot be called {folder.name!r}: expected a letter, then letters, digits, - and _."
        )
    if not folder.parent.is_dir():
        raise WorkspaceError(f"There is no folder {folder.parent}. Make it first: mkdir -p {folder.parent}")
    if folder.is_dir() and any(folder.iterdir()):
        raise WorkspaceError(f"{folder} is not empty. Name a new folder, or empty it.")
    if folder.exists() and not folder.is_dir():
        raise WorkspaceError(f"{folder} is a file. Name a new folder.")


def _write(folder: Path, *, name: str) -> None:
    values = {"@NAME@": name, "@SOURCE@": requirement()}
    for path, content in _files(values):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    build = BUILD if is_folder() else ()
    (folder / "requirements.lock").write_text(locked([*WANTED, *build]), "utf-8")
    landing = folder / "data" / "landing"
    landing.mkdir(parents=True)
    shutil.copy(folder / "assets" / "example" / EXAMPLE, landing)
    _put_under_version_control(folder)


def _files(values: dict[str, str]) -> Iterator[tuple[Path, str]]:
    """Give the files: path in the workspace, and content."""
    for template in sorted(path for path in TEMPLATES.rglob("*") if path.is_file()):
        path = template.relative_to(TEMPLATES)
        path = path.with_suffix("") if path.suffix == _SUFFIX else path
        path = path.with_name(path.name.replace("dot-", ".", 1))
        text = template.read_text("utf-8")
        for key, value in values.items():
            text = text.replace(key, value)
        if path.parts[0] == "notebooks":
            yield path.with_suffix(".ipynb"), _notebook(text, path)
        else:
            yield path, text


def _notebook(text: str, path: Path) -> str:
    """Return a notebook's file; its template is a script with cells."""
    from assetbook.textform import parse_text

    document = parse_text(text, path=path, suffix=".py").document
    document["metadata"] = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    document |= {"nbformat": 4, "nbformat_minor": 5}
    document["cells"] = [_cell(cell, number) for number, cell in enumerate(document["cells"], 1)]
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cell(cell: dict[str, Any], number: int) -> dict[str, Any]:
    return {**cell, "id": f"cell-{number}", "source": cell["source"].splitlines(keepends=True)}


def _put_under_version_control(folder: Path) -> None:
    """Make it a git repository, where there is git and it is in none yet; without, it is a workspace all the same."""
    git = shutil.which("git")
    if git is None or any((above / ".git").exists() for above in folder.parents):
        return
    subprocess.run([git, "init", "--quiet", str(folder)], check=False, capture_output=True)


def _move(made: Path, folder: Path) -> None:
    """Put the finished workspace in its place: at once, or into an empty folder that may be somebody's current one."""
    if not folder.exists():
        made.rename(folder)
        return
    moved: list[Path] = []
    try:
        for path in made.iterdir():
            moved.append(path.rename(folder / path.name))
    except OSError:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
