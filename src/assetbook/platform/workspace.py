"""Finding what a workspace consists of: notebooks, table functions, Dagster definitions and resources.

Nothing is registered anywhere: a file in the right folder is enough. A file that cannot be read or imported
becomes a problem of that file, and the rest of the workspace loads without it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg

from assetbook import forms
from assetbook.contract import Contract, read_contracts
from assetbook.declare import TableDeclaration
from assetbook.errors import WorkspaceError
from assetbook.execute import warm
from assetbook.platform.executor import parallel_notebooks
from assetbook.platform.modules import (
    DagsterModule,
    dagster_modules,
    declarations_in,
    import_file,
    import_folder,
)
from assetbook.settings import Settings, find_root

DEPLOYMENT_VARIABLE = "ASSETBOOK_DEPLOYMENT"
STORAGE = "io_manager"


@dataclass(frozen=True)
class ResourceNames:
    """What the resources are called that notebooks use."""

    storage: str
    mlflow: str


OF_A_WORKSPACE = ResourceNames(storage=STORAGE, mlflow="mlflow")
OF_A_PROJECT = ResourceNames(storage="assetbook", mlflow="assetbook_mlflow")


def resource_names(settings: Settings) -> ResourceNames:
    """Return the names of the resources: in a Dagster project, the usual ones are the project's own."""
    return OF_A_PROJECT if settings.project else OF_A_WORKSPACE


@dataclass(frozen=True)
class Workspace:
    """Everything that was found below one workspace folder, read and imported, not yet linked.

    Attributes:
        settings: the folders of the workspace.
        contracts: one for each notebook, whatever its state.
        declarations: the functions in ``assets/`` that ``ab.table`` marks.
        dagster_modules: what the files of ``assets/`` and ``sensors/`` define with Dagster itself.
        resources: what ``resources/<deployment>.py`` gives.
        executor: where steps run: ``executor`` of the same file, or on threads of the run's process; None leaves
            it to the project that the notebooks belong to.
        module_problems: file (relative to the root) to what is wrong with it.
    """

    settings: Settings
    contracts: tuple[Contract, ...] = ()
    declarations: tuple[TableDeclaration, ...] = ()
    dagster_modules: tuple[DagsterModule, ...] = ()
    resources: Mapping[str, Any] = field(default_factory=dict)
    executor: dg.ExecutorDefinition | None = parallel_notebooks
    module_problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path | None = None) -> Workspace:
        """Read the workspace at `root`; the one around the current folder by default.

        Raises:
            WorkspaceError: no workspace there, or the deployment's resources cannot be had.
        """
        settings = Settings.load(root or find_root())
        warm.preload_also(settings.preload)
        deployment = _deployment(settings)
        problems: dict[str, str] = {}
        assets = list(import_folder(settings.root, "assets", problems=problems))
        sensors = list(import_folder(settings.root, "sensors", problems=problems))
        return cls(
            settings=settings,
            contracts=tuple(
                read_contracts(
                    find_notebooks(settings.root / "notebooks"), root=settings.root, cache=settings.cache
                )
            ),
            declarations=tuple(declarations_in([*assets, *sensors])),
            dagster_modules=tuple(dagster_modules([*assets, *sensors])),
            resources=_resources(deployment, settings),
            executor=getattr(deployment, "executor", parallel_notebooks),
            module_problems=problems,
        )


def find_notebooks(folder: Path) -> list[Path]:
    """Return the notebooks below a folder, sorted; names that begin with ``.`` or ``_`` are left out."""
    return forms.find_notebooks(folder, leave_out=lambda name: name.startswith((".", "_")))


def deployment_resources(settings: Settings) -> dict[str, Any]:
    """Return what ``resources/<deployment>.py`` gives; ``ASSETBOOK_DEPLOYMENT`` names it, ``local`` by default.

    Raises:
        WorkspaceError: there is no such file, or it gives no resources.
    """
    return _resources(_deployment(settings), settings)


def _deployment(settings: Settings) -> ModuleType:
    if str(settings.root) not in sys.path:
        sys.path.insert(0, str(settings.root))
    name = os.environ.get(DEPLOYMENT_VARIABLE, "local")
    path = settings.root / "resources" / f"{name}.py"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("[!_]*.py"))) or "none"
        raise WorkspaceError(
            f"No resources for the deployment {name!r}: {path} does not exist. Known: {known}. "
            f"Set {DEPLOYMENT_VARIABLE} to one of them, or write the file."
        )
    return import_file(path.relative_to(settings.root), root=settings.root).content


def _resources(deployment: ModuleType, settings: Settings) -> dict[str, Any]:
    function = getattr(deployment, "resources", None)
    if not callable(function):
        raise WorkspaceError(
            f"{deployment.__file__} must define `resources(settings) -> dict[str, resource]`."
        )
    try:
        found = function(settings)
    except Exception as error:
        raise WorkspaceError(
            f"{deployment.__file__}: resources() failed: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(found, Mapping) or STORAGE not in found:
        shown = f"the keys {sorted(map(str, found))}" if isinstance(found, Mapping) else repr(found)
        raise WorkspaceError(
            f"{deployment.__file__}: resources() must return a dict with {STORAGE!r}, where tables are kept, such as "
            f"LakeIOManager(root=settings.lake); it returned {shown}."
        )
    return dict(found)
