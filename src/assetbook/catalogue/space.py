"""A workspace opened for looking: what it defines, what Dagster and the lake remember. Nothing is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from assetbook.lake import Lake
from assetbook.platform.currency import Currency
from assetbook.platform.definitions import Linked
from assetbook.platform.everything import EVERYTHING_TAG
from assetbook.platform.garbage import no_collection
from assetbook.platform.latest import Latest
from assetbook.platform.units import Unit, units
from assetbook.platform.workspace import STORAGE, Workspace
from assetbook.settings import Settings


@dataclass(frozen=True)
class Space:
    """A workspace with all that a catalogue asks of it.

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
    def open(cls, settings: Settings, instance: dg.DagsterInstance) -> Space:
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
    def graph(self) -> AssetGraph:
        """Dagster's graph."""
        found = self.definitions.resolve_asset_graph()
        assert isinstance(found, AssetGraph)
        return found

    @cached_property
    def keys(self) -> list[dg.AssetKey]:
        """The assets of the catalogue, upstream first; those that only others know by name, too."""
        return [key for key in self.graph.toposorted_asset_keys if self.shows(key)]

    def shows(self, key: dg.AssetKey) -> bool:
        """Whether an asset stands in the catalogue."""
        return EVERYTHING_TAG not in self.graph.get(key).tags

    @cached_property
    def unit_of(self) -> dict[dg.AssetKey, Unit]:
        """What makes each asset that this workspace makes."""
        return {key: unit for unit in self.units for key in unit.keys}

    @cached_property
    def lake(self) -> Lake:
        """Where the tables are."""
        storage = self.resources[STORAGE]
        return Lake(storage.root, storage_options=storage.storage_options)

    @cached_property
    def currency(self) -> Currency:
        """What is current, asked once for all."""
        latest = Latest(self.instance)
        latest.preload(self.keys)
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
