"""What the catalogue asks of a workspace. Nothing is run."""

from __future__ import annotations

from functools import cached_property

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from assetbook.platform import space
from assetbook.platform.everything import EVERYTHING_TAG
from assetbook.platform.units import Unit


class Space(space.Space):
    """A workspace with its graph."""

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
