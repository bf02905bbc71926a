"""Reading the catalogue of a workspace: one entry for each asset, from what others have left. Nothing is run."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from assetbook.catalogue.entry import Shelf, declared, read_entry
from assetbook.catalogue.model import Catalogue, Entry
from assetbook.catalogue.space import Space
from assetbook.catalogue.structure import columns_known, table_structure


def read_catalogue(space: Space) -> Catalogue:
    """Return the catalogue of a workspace as it is now.

    What cannot be read of an asset is said in its entry; the others are not concerned.
    """
    shelf = Shelf(space)
    for key in space.keys:
        unit = space.unit_of.get(key)
        entry = read_entry(shelf, key, unit) if unit else _external(space, key)
        shelf.entries[entry.name] = entry
    return Catalogue(space.settings.name, datetime.now(UTC), tuple(shelf.entries.values()))


def _external(space: Space, key: dg.AssetKey) -> Entry:
    """Return the entry of an asset that is made elsewhere."""
    node = space.graph.get(key)
    return Entry(
        **declared(space, node),
        kind="external",
        state="external",
        description=node.description or "",
        structure=table_structure(None, declared=columns_known(node, None), version=None),
    )
