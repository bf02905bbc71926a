"""Where the workspace is and where its data goes: one setting, read by both halves of the library.

Notebooks may also belong to a Dagster project that is no workspace: then its ``pyproject.toml`` says the same of it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
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
    here = _start(start)
    for folder in _upwards(here):
        if (folder / MARKER).is_file():
            return folder
    project = next(filter(_is_project, _upwards(here)), None)
    fix = "Change to your workspace, or set ASSETBOOK_ROOT to its path."
    if project is not None:
        fix = f"{project} is a Dagster project of its own: `dg` and `dagster` run its assets, notebooks among them."
    raise WorkspaceError(f"No workspace here: neither {here} nor a folder above it holds {MARKER}. {fix}")


def find_project(start: Path) -> Path:
    """Return the folder of a Dagster project: the nearest, from `start` upwards, whose settings speak of Dagster.

    Raises:
        WorkspaceError: no such folder.
    """
    project = next(filter(_is_project, _upwards(start)), None)
    if project is None:
        raise WorkspaceError(
            f"No Dagster project here: neither {start} nor a folder above it has a pyproject.toml with [tool.dg], "
            "[tool.dagster] or [tool.assetbook]. Add the line [tool.assetbook] to that of your project."
        )
    return project


def find_import_root(start: Path | None = None) -> Path:
    """Return the folder that a notebook's imports start in: the workspace, or that of a project's packages.

    That is the project's ``src``, where it has one and `start` is in it; otherwise the project's own folder.

    Args:
        start: as for `find_root`.

    Raises:
        WorkspaceError: neither a workspace nor a project.
    """
    here = _start(start)
    for folder in _upwards(here):
        if (folder / MARKER).is_file():
            return folder
        if _is_project(folder):
            return _packages(folder, here)
    return find_root(here)  # which says that there is none


def _packages(project: Path, start: Path) -> Path:
    source = project / "src"
    is_inside = start.is_relative_to(source) and not (source / "__init__.py").exists()
    return source if is_inside else project


def _start(start: Path | None) -> Path:
    return (start or Path(os.environ.get("ASSETBOOK_ROOT") or Path.cwd())).resolve()


def _upwards(start: Path) -> Iterator[Path]:
    yield start
    yield from start.parents


def _is_project(folder: Path) -> bool:
    tools = _toml(folder / "pyproject.toml").get("tool", {})
    return "project" in _dg_table(folder) or not {"assetbook", "dagster"}.isdisjoint(tools)


@dataclass(frozen=True)
class Settings:
    """The folders of one workspace, or of the notebooks of a Dagster project.

    Attributes:
        root: the workspace folder; of a project the folder that its packages are imported from.
        name: of the workspace, in the UI and of its MLflow experiment: ``[tool.dg.project]
            code_location_name``, else the folder's.
        data: everything that runs leave behind; ``[tool.assetbook] data`` or ``ASSETBOOK_DATA``.
        lake: path or URI of the Delta tables; ``data/lake`` unless ``[tool.assetbook] lake`` or
            ``ASSETBOOK_LAKE`` says otherwise.
        mlflow: MLflow tracking URI; SQLite below `data` unless ``ASSETBOOK_MLFLOW`` says otherwise.
        preload: libraries that warm kernels have imported besides the usual ones.
        project: the folder of the project; None for a workspace.
    """

    root: Path
    name: str
    data: Path
    lake: str
    mlflow: str
    preload: tuple[str, ...] = ()
    project: Path | None = None

    @classmethod
    def load(cls, root: Path | None = None) -> Settings:
        """Read the settings of the workspace at `root`; of what the current folder belongs to by default.

        Raises:
            WorkspaceError: no workspace, or a ``pyproject.toml`` that is not TOML or has wrong settings.
        """
        if root is None:
            root = find_import_root()
            if not (root / MARKER).is_file():
                return cls.of_project(_start(None))
        return cls._read(root.resolve())

    @classmethod
    def of_project(cls, start: Path) -> Settings:
        """Read the settings of the Dagster project around a folder of it.

        Raises:
            WorkspaceError: as `load`.
        """
        start = start.resolve()
        project = find_project(start)
        return cls._read(project, root=_packages(project, start), project=project)

    @classmethod
    def _read(cls, home: Path, *, root: Path | None = None, project: Path | None = None) -> Settings:
        """Read the settings in the ``pyproject.toml`` of `home`, where relative paths start."""
        table = _own_table(home / "pyproject.toml")
        data = _absolute(home, os.environ.get("ASSETBOOK_DATA") or table.get("data", "data"))
        lake = os.environ.get("ASSETBOOK_LAKE") or table.get("lake") or str(data / "lake")
        mlflow = os.environ.get("ASSETBOOK_MLFLOW") or table.get("mlflow")
        return cls(
            root=root or home,
            name=_dg_table(home).get("project", {}).get("code_location_name") or home.name,
            data=data,
            lake=lake if "://" in lake else str(_absolute(home, lake)),
            mlflow=mlflow or f"sqlite:///{data / 'mlflow' / 'mlflow.db'}",
            preload=tuple(table.get("preload", ())),
            project=project,
        )

    def how_to_make(self, asset: str) -> str:
        """Return the command that materializes an asset, as messages show it."""
        return f"dg launch --assets {asset}" if self.project else f"assetbook run {asset}"

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


def _own_table(pyproject: Path) -> dict[str, Any]:
    """Return ``[tool.assetbook]``."""
    table = dict(_toml(pyproject).get("tool", {}).get("assetbook", {}))
    table.pop("check", None)  # what `assetbook check` reads by itself
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
    return {key: value if key == "preload" else str(value) for key, value in table.items()}


def _dg_table(folder: Path) -> dict[str, Any]:
    """Return what ``dg`` is told of a folder: ``dg.toml``, or ``[tool.dg]`` where there is none."""
    found: dict[str, Any] = _toml(folder / "dg.toml") or _toml(folder / "pyproject.toml").get("tool", {}).get(
        "dg", {}
    )
    return found


def _toml(file: Path) -> dict[str, Any]:
    """Return what a TOML file holds; nothing where there is none."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise WorkspaceError(f"{file} is not valid TOML: {error}") from None


def _absolute(root: Path, path: str | Path) -> Path:
    return (root / Path(path).expanduser()).resolve()
