"""Folders on disk: a small workspace, and what has changed in a folder between two looks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

_FILES = {
    "workspace.yaml": """
        load_from:
          - python_file:
              relative_path: definitions.py
              working_directory: .
              location_name: small
        """,
    "definitions.py": '''
        """The workspace as Dagster sees it."""

        from pathlib import Path

        from assetbook.platform import definitions

        defs = definitions(Path(__file__).parent)
        ''',
    "pyproject.toml": """
        [project]
        name = "small"
        version = "0.1.0"
        requires-python = ">=3.11"
        dependencies = ["assetbook", "matplotlib"]

        [tool.assetbook]
        data = "data"

        [tool.dg]
        directory_type = "project"

        [tool.dg.project]
        root_module = "assets"
        code_location_target_module = "definitions"
        code_location_name = "small"
        """,
    "resources/local.py": '''
        """Where everything lives."""

        from typing import Any

        from dagster_duckdb import DuckDBResource

        from assetbook.platform import LakeIOManager, MlflowResource
        from assetbook.settings import Settings


        def resources(settings: Settings) -> dict[str, Any]:
            """Return the resources by name."""
            return {
                "io_manager": LakeIOManager(root=settings.lake),
                "duckdb": DuckDBResource(database=":memory:"),
                "mlflow": MlflowResource(
                    tracking_uri=settings.mlflow,
                    experiment=settings.name,
                    artifact_location=settings.mlflow_artifacts.as_uri(),
                ),
            }
        ''',
}
_PLACES = ("assets", "notebooks", "resources", "sensors")
SHAPE = {*_PLACES, *_FILES, "tests", "data", "__pycache__"}  # what a workspace's folder may have
_PASSING = {
    "__pycache__",
    ".ipynb_checkpoints",
    ".cache",
    ".ipython",
    ".jupyter",
    ".config",
    "jupyter",
    "matplotlib",
}
_WORKING = {"data/cache", "data/dagster", "data/mlflow", "data/running", "data/run.log"}


def make_workspace(root: Path) -> Path:
    """Make an empty workspace."""
    for name in _PLACES:
        (root / name).mkdir(parents=True)
    for name, text in _FILES.items():
        (root / name).write_text(dedent(text).lstrip(), "utf-8")
    return root


def look(root: Path, *, but: Path | None = None) -> Mapping[str, str]:
    """Return a digest of each file and folder below `root`, by relative path.

    Args:
        root: the folder; what passes by, such as caches of Python and Jupyter, is left out.
        but: a folder below it to leave out.
    """
    found = {}
    for path in sorted(root.rglob("*")):
        if _PASSING & set(path.relative_to(root).parts) or (but and path.is_relative_to(but)):
            continue
        found[str(path.relative_to(root))] = _digest(path)
    return found


def look_at_workspace(root: Path) -> Mapping[str, str]:
    """Return the same of a workspace, without what opening it leaves there."""
    every = look(root)
    return {
        name: digest
        for name, digest in every.items()
        if not any(name == part or name.startswith(f"{part}/") for part in _WORKING)
        and (root / name).is_file()
    }


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Say what is new, gone or other than before."""
    said = [f"new: {name}" for name in after.keys() - before.keys()]
    said += [f"gone: {name}" for name in before.keys() - after.keys()]
    said += [f"changed: {name}" for name in before.keys() & after.keys() if before[name] != after[name]]
    return sorted(said)


def _digest(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    if not path.is_file():
        return "not a file"
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:  # it was on its way out
        return "gone"
