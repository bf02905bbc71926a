"""A workspace opened for looking and for running: what it defines, what Dagster and the lake remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import dagster as dg

from assetbook.lake import Lake
from assetbook.platform.currency import Currency
from assetbook.platform.definitions import Linked
from assetbook.platform.garbage import no_collection
from assetbook.platform.latest import Latest
from assetbook.platform.units import Unit, units
from assetbook.platform.workspace import STORAGE, Workspace
from assetbook.settings import Settings


@dataclass(frozen=True)
class Space:
    """A workspace with all that can be asked of it.

    Attributes:
        linked: what was found.
        definitions: as Dagster sees it.
        instance: Dagster's history.
        units: what can be run, upstream first.
    """

    linked: Linked
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    units: list[Unit]

    @classmethod
    def open(cls, settings: Settings, instance: dg.DagsterInstance) -> Self:
        """Open the workspace.

        Raises:
            WorkspaceError: its resources cannot be had.
        """
        with no_collection():
            linked = Linked(Workspace.load(settings.root))
            definitions = linked.definitions()
            return cls(linked, definitions, instance, units(linked, definitions, instance))

    @property
    def settings(self) -> Settings:
        """The workspace's folders."""
        return self.linked.workspace.settings

    @property
    def resources(self) -> Mapping[str, Any]:
        """The resources of the deployment by name."""
        return self.linked.workspace.resources

    @cached_property
    def lake(self) -> Lake:
        """Where the tables are."""
        storage = self.resources[STORAGE]
        return Lake(storage.root, storage_options=storage.storage_options)

    @cached_property
    def currency(self) -> Currency:
        """What is current; what Dagster remembers of all assets is asked once."""
        latest = Latest(self.instance)
        latest.preload(key for unit in self.units for key in unit.keys)
        return Currency(latest, self.lake, self.settings)

    @cached_property
    def sources(self) -> dict[str, str]:
        """Asset to the file that makes it, relative to the workspace."""
        workspace, root = self.linked.workspace, self.settings.root
        found = {
            "/".join(key.path): module.path
            for module in workspace.dagster_modules
            for item in module.of((dg.AssetsDefinition,))
            for key in item.keys
        }
        found |= {d.name: d.source.resolve().relative_to(root).as_posix() for d in workspace.declarations}
        return found | {o.name: c.path.as_posix() for c in workspace.contracts for o in c.outputs}
