"""The Python files of a workspace: imported one by one, and what was found in them."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
from dagster._core.definitions.partitions.partitioned_schedule import (  # what build_schedule_from_… returns
    UnresolvedPartitionedAssetScheduleDefinition,
)
from dagster._core.definitions.unresolved_asset_job_definition import (  # what define_asset_job returns
    UnresolvedAssetJobDefinition,
)

from assetbook.declare import TableDeclaration
from assetbook.errors import AssetbookError, WorkspaceError

_ASSETS = (dg.AssetsDefinition, dg.AssetSpec)
_SCHEDULES = (dg.ScheduleDefinition, UnresolvedPartitionedAssetScheduleDefinition)
_JOBS = (dg.JobDefinition, UnresolvedAssetJobDefinition)
_LOADABLE = (*_ASSETS, dg.SensorDefinition, *_SCHEDULES, *_JOBS, dg.Definitions)


@dataclass(frozen=True)
class Module:
    """An imported file; `path` is relative to the workspace, as messages name it."""

    path: str
    content: ModuleType


@dataclass(frozen=True)
class DagsterModule:
    """What one file defines with Dagster itself: assets, checks, jobs, schedules, sensors, whole `Definitions`."""

    path: str
    objects: tuple[Any, ...]

    def of(self, kinds: tuple[type, ...]) -> list[Any]:
        """Return the objects of these types."""
        return [item for item in self.objects if isinstance(item, kinds)]

    @property
    def names(self) -> set[str]:
        """The names of its jobs and of its assets' computations: they are unique in a workspace."""
        assets = [item for item in self.of((dg.AssetsDefinition,)) if item.is_executable]
        return {item.name for item in self.of(_JOBS)} | {item.node_def.name for item in assets}

    def definitions(self) -> dg.Definitions:
        """Return everything as one `Definitions` object.

        Raises:
            DagsterError: its parts contradict each other.
        """
        own = dg.Definitions(
            assets=[item for item in self.of(_ASSETS) if not isinstance(item, dg.AssetChecksDefinition)],
            asset_checks=self.of((dg.AssetChecksDefinition,)),
            schedules=self.of(_SCHEDULES),
            sensors=self.of((dg.SensorDefinition,)),
            jobs=self.of(_JOBS),
        )
        return dg.Definitions.merge(own, *self.of((dg.Definitions,)))


def import_folder(root: Path, folder: str, *, problems: dict[str, str]) -> Iterator[Module]:
    """Import the files below a folder of the workspace; names that begin with ``.`` or ``_`` are left out.

    Args:
        root: the workspace.
        folder: such as ``assets``.
        problems: receives file and message of what cannot be imported.
    """
    for path in sorted((root / folder).rglob("*.py")):
        relative = path.relative_to(root)
        if any(part.startswith((".", "_")) and part != "__init__.py" for part in relative.parts):
            continue
        try:
            yield import_file(relative, root=root)
        except WorkspaceError as error:
            problems[relative.as_posix()] = str(error)


def import_file(relative: Path, *, root: Path) -> Module:
    """Import one file of the workspace; what it prints goes to standard error, as output is for programs to read.

    Raises:
        WorkspaceError: whatever went wrong, with file and line.
    """
    parts = relative.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    try:
        with redirect_stdout(sys.stderr):
            module = importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise WorkspaceError(_import_message(relative, root, error)) from error
    found = Path(module.__file__ or "").resolve()
    if found != (root / relative).resolve():
        raise WorkspaceError(
            f"{relative}: the module {name} comes from {found} instead, which has the same name. Rename the file, "
            "or take the other folder off Python's path."
        )
    return Module(relative.as_posix(), module)


def _import_message(relative: Path, root: Path, error: BaseException) -> str:
    if isinstance(error, AssetbookError) and str(relative) in str(error):
        return str(error)
    file = str(root / relative)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    text = str(error)
    if isinstance(error, SyntaxError) and error.filename == file:
        lines, text = [error.lineno], error.msg
    where = f"{relative}, line {lines[-1]}" if lines else f"{relative}"
    fix = " Install it in this environment, or correct the import." if _is_missing(error, root) else ""
    return f"{where}: cannot be imported: {type(error).__name__}: {text}.{fix}"


def _is_missing(error: BaseException, root: Path) -> bool:
    """Whether an import failed for want of a package that is none of the workspace's folders."""
    package = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return bool(package) and not (root / package).exists()


def declarations_in(modules: Sequence[Module]) -> Iterator[TableDeclaration]:
    """Give the functions that ``ab.table`` marks, each in the module that defines it."""
    for module in modules:
        for value in vars(module.content).values():
            declaration = getattr(value, "__assetbook__", None)
            if isinstance(declaration, TableDeclaration) and value.__module__ == module.content.__name__:
                yield declaration


def dagster_modules(modules: Sequence[Module]) -> Iterator[DagsterModule]:
    """Give what each module defines with Dagster; an object belongs to the first module that has it."""
    seen: set[int] = set()
    for module in modules:
        found: list[Any] = []
        for value in vars(module.content).values():
            # exactly these types: Dagster's own records are tuples that refuse to be iterated
            for item in value if type(value) in (list, tuple) else [value]:
                if isinstance(item, _LOADABLE) and id(item) not in seen:
                    seen.add(id(item))
                    found.append(item)
        if found:
            yield DagsterModule(module.path, tuple(found))
