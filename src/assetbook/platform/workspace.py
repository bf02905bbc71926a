"""Finding what a workspace consists of: notebooks, Python assets, sensors and resources.

Nothing is registered anywhere: a file in the right folder is enough. A file that cannot be read or imported
becomes a problem of that file, and the rest of the workspace loads without it.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg

from assetbook.contract import Contract, Problem, read_contracts
from assetbook.declare import TableDeclaration
from assetbook.errors import AssetbookError, WorkspaceError
from assetbook.settings import Settings

DEPLOYMENT_VARIABLE = "ASSETBOOK_DEPLOYMENT"


@dataclass(frozen=True)
class Workspace:
    """Everything that was found below one workspace folder, read and imported, not yet linked.

    Attributes:
        settings: the folders of the workspace.
        contracts: one for each notebook below ``notebooks/``, whatever its state.
        declarations: the functions in ``assets/`` that ``ab.table`` marks.
        dagster_objects: what ``assets/`` and ``sensors/`` define with Dagster itself.
        resources: what ``resources/<deployment>.py`` gives.
        module_problems: file (relative to the root) to what is wrong with it.
    """

    settings: Settings
    contracts: tuple[Contract, ...] = ()
    declarations: tuple[TableDeclaration, ...] = ()
    dagster_objects: tuple[Any, ...] = ()
    resources: dict[str, Any] = field(default_factory=dict)
    module_problems: dict[str, Problem] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path | None = None) -> Workspace:
        """Read the workspace at `root`; the one around the current folder by default.

        Raises:
            WorkspaceError: no workspace there, or the deployment's resources cannot be had.
        """
        settings = Settings.load(root)
        _make_importable(settings.root)
        problems: dict[str, Problem] = {}
        modules = list(_import_folder(settings.root, "assets", problems))
        modules += list(_import_folder(settings.root, "sensors", problems))
        return cls(
            settings=settings,
            contracts=tuple(
                read_contracts(find_notebooks(settings.root), root=settings.root, cache=settings.cache)
            ),
            declarations=tuple(_declarations(modules)),
            dagster_objects=tuple(_dagster_objects(modules)),
            resources=deployment_resources(settings),
            module_problems=problems,
        )


def find_notebooks(root: Path) -> list[Path]:
    """Return the notebooks below ``notebooks/``, sorted; names that begin with ``.`` or ``_`` are left out."""
    return sorted(
        path
        for path in (root / "notebooks").rglob("*.ipynb")
        if not any(part.startswith((".", "_")) for part in path.relative_to(root).parts)
    )


def _make_importable(root: Path) -> None:
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))


def _import_folder(root: Path, folder: str, problems: dict[str, Problem]) -> Iterator[ModuleType]:
    for path in sorted((root / folder).rglob("*.py")):
        relative = path.relative_to(root)
        if any(part.startswith((".", "_")) for part in relative.parts):
            continue
        try:
            module = importlib.import_module(".".join(relative.with_suffix("").parts))
            _refuse_foreign(module, path)
            yield module
        except Exception as error:  # noqa: BLE001 - whatever a user's module raises is that file's problem
            problems[str(relative)] = Problem(_import_message(relative, error))


def _refuse_foreign(module: ModuleType, path: Path) -> None:
    found = Path(module.__file__ or "")
    if found.resolve() != path.resolve():
        raise WorkspaceError(f"{module.__name__} is imported from {found}: another module has its name.")


def _import_message(relative: Path, error: Exception) -> str:
    if isinstance(error, AssetbookError):
        return str(error)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(str(relative))]
    if isinstance(error, SyntaxError) and error.lineno:
        where = f", line {error.lineno}"
    else:
        where = f", line {frames[-1].lineno}" if frames else ""
    return f"{relative}{where}: cannot be imported: {type(error).__name__}: {error}"


def _declarations(modules: list[ModuleType]) -> Iterator[TableDeclaration]:
    for module in modules:
        for value in vars(module).values():
            declaration = getattr(value, "__assetbook__", None)
            if isinstance(declaration, TableDeclaration) and value.__module__ == module.__name__:
                yield declaration


DAGSTER_TYPES = (
    dg.AssetsDefinition,
    dg.AssetSpec,
    dg.AssetChecksDefinition,
    dg.SensorDefinition,
    dg.ScheduleDefinition,
    dg.JobDefinition,
    dg.Definitions,
)


def _dagster_objects(modules: list[ModuleType]) -> Iterator[Any]:
    seen: set[int] = set()
    for module in modules:
        for value in vars(module).values():
            for item in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(item, DAGSTER_TYPES) and id(item) not in seen:
                    seen.add(id(item))
                    yield item


def deployment_resources(settings: Settings) -> dict[str, Any]:
    """Return what ``resources/<deployment>.py`` gives; ``ASSETBOOK_DEPLOYMENT`` names it, ``local`` by default.

    Raises:
        WorkspaceError: there is no such file, or it defines no function ``resources``.
    """
    _make_importable(settings.root)
    deployment = os.environ.get(DEPLOYMENT_VARIABLE, "local")
    path = settings.root / "resources" / f"{deployment}.py"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("[!_]*.py"))) or "none"
        raise WorkspaceError(
            f"No resources for the deployment {deployment!r}: {path} does not exist. Known: {known}. "
            f"Set {DEPLOYMENT_VARIABLE} to one of them, or write the file."
        )
    module = importlib.import_module(f"resources.{deployment}")
    if not callable(getattr(module, "resources", None)):
        raise WorkspaceError(f"{path} must define `resources(settings) -> dict[str, resource]`.")
    return dict(module.resources(settings))
