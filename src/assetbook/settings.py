"""Where the workspace is and where its data goes: one setting, read by both halves of the library."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assetbook.errors import WorkspaceError

MARKER = "workspace.yaml"
_TEXTS = ("data", "lake", "mlflow")


def find_root(start: Path | None = None) -> Path:
    """Return the workspace folder: the nearest one, from `start` upwards, that holds ``workspace.yaml``.

    Args:
        start: where to begin; the current folder by default. ``ASSETBOOK_ROOT`` goes before it.

    Raises:
        WorkspaceError: no such folder.
    """
    if start is None and (fixed := os.environ.get("ASSETBOOK_ROOT")):
        start = Path(fixed)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file():
            return folder
    raise WorkspaceError(
        f"No workspace here: neither {here} nor a folder above it holds {MARKER}. "
        "Change to your workspace, or set ASSETBOOK_ROOT to its path."
    )


@dataclass(frozen=True)
class Settings:
    """The folders of one workspace.

    Attributes:
        root: the workspace folder.
        name: of the workspace, in the UI and of its MLflow experiment: ``[tool.dg.project]
            code_location_name``, else the folder's.
        data: everything that runs leave behind; ``[tool.assetbook] data`` or ``ASSETBOOK_DATA``.
        lake: path or URI of the Delta tables; ``data/lake`` unless ``[tool.assetbook] lake`` or
            ``ASSETBOOK_LAKE`` says otherwise.
        mlflow: MLflow tracking URI; SQLite below `data` unless ``ASSETBOOK_MLFLOW`` says otherwise.
        preload: libraries that warm kernels have imported besides the usual ones.
    """

    root: Path
    name: str
    data: Path
    lake: str
    mlflow: str
    preload: tuple[str, ...] = ()

    @classmethod
    def load(cls, root: Path | None = None) -> Settings:
        """Read the settings of the workspace at `root` (found from the current folder by default).

        Raises:
            WorkspaceError: no workspace, or a ``pyproject.toml`` that is not TOML or has wrong settings.
        """
        root = (root or find_root()).resolve()
        table, name = _tool_table(root / "pyproject.toml")
        data = _absolute(root, os.environ.get("ASSETBOOK_DATA") or table.get("data", "data"))
        lake = os.environ.get("ASSETBOOK_LAKE") or table.get("lake") or str(data / "lake")
        mlflow = os.environ.get("ASSETBOOK_MLFLOW") or table.get("mlflow")
        return cls(
            root=root,
            name=name or root.name,
            data=data,
            lake=lake if "://" in lake else str(_absolute(root, lake)),
            mlflow=mlflow or f"sqlite:///{data / 'mlflow' / 'mlflow.db'}",
            preload=tuple(table.get("preload", ())),
        )

    @property
    def landing(self) -> Path:
        """Where files arrive from outside."""
        return self.data / "landing"

    @property
    def records(self) -> Path:
        """Where every run of a notebook leaves its record."""
        return self.data / "records"

    @property
    def scratch(self) -> Path:
        """Where ``ab.save`` writes in Jupyter: one lake of her own for each person."""
        return self.data / "scratch" / (os.environ.get("USER") or os.environ.get("USERNAME") or "me")

    @property
    def cache(self) -> Path:
        """What can be made again at any time."""
        return self.data / "cache"

    @property
    def running(self) -> Path:
        """Where it is written down which runs of notebooks go on."""
        return self.data / "running"

    @property
    def mlflow_artifacts(self) -> Path:
        """Where MLflow keeps models and files when it runs here."""
        return self.data / "mlflow" / "artifacts"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage and settings; ``DAGSTER_HOME`` goes before it."""
        return Path(os.environ.get("DAGSTER_HOME") or self.data / "dagster")


def _tool_table(pyproject: Path) -> tuple[dict[str, Any], str | None]:
    """Return ``[tool.assetbook]`` and the name of the code location."""
    if not pyproject.is_file():
        return {}, None
    try:
        tools = tomllib.loads(pyproject.read_text("utf-8")).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise WorkspaceError(f"{pyproject} is not valid TOML: {error}") from None
    table = tools.get("assetbook", {})
    unknown = set(table) - {*_TEXTS, "preload"}
    if unknown:
        known = ", ".join([*_TEXTS, "preload"])
        raise WorkspaceError(
            f"{pyproject}: [tool.assetbook] has unknown settings {sorted(unknown)}. Known: {known}."
        )
    modules = table.get("preload", [])
    if not isinstance(modules, list) or not all(isinstance(name, str) and name for name in modules):
        raise WorkspaceError(
            f'{pyproject}: [tool.assetbook] preload is {modules!r}. Expected modules by name: ["lightgbm"].'
        )
    name = tools.get("dg", {}).get("project", {}).get("code_location_name")
    return {key: value if key == "preload" else str(value) for key, value in table.items()}, name


def _absolute(root: Path, path: str | Path) -> Path:
    return (root / Path(path).expanduser()).resolve()
