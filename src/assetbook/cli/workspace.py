"""The workspace around the current folder, opened with everything a command needs of the platform side."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetbook.errors import WorkspaceError, did_you_mean

if TYPE_CHECKING:
    import dagster as dg

    from assetbook.platform.currency import Currency
    from assetbook.platform.units import Unit
    from assetbook.settings import Settings


@dataclass(frozen=True)
class OpenWorkspace:
    """A workspace's Dagster definitions and instance, its units upstream first, and what is current of them."""

    settings: Settings
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    units: list[Unit]
    currency: Currency

    @property
    def names(self) -> list[str]:
        """The names of all assets."""
        return [name for unit in self.units for name in unit.names]

    def unit(self, asset: str) -> Unit:
        """Return what makes an asset.

        Raises:
            WorkspaceError: there is no such asset.
        """
        for unit in self.units:
            if asset in unit.names:
                return unit
        raise WorkspaceError(f"There is no asset {asset!r}. {did_you_mean(asset, self.names)}")


def open_workspace() -> OpenWorkspace:
    """Open the workspace around the current folder.

    Raises:
        WorkspaceError: there is none, or its resources cannot be had.
    """
    settings = open_settings()
    from assetbook.lake import Lake
    from assetbook.platform.currency import Currency
    from assetbook.platform.definitions import Linked
    from assetbook.platform.instance import open_instance
    from assetbook.platform.latest import Latest
    from assetbook.platform.units import units
    from assetbook.platform.workspace import Workspace

    with _no_collection():
        instance = open_instance(settings)
        linked = Linked(Workspace.load(settings.root))
        definitions = linked.definitions()
        storage = linked.workspace.resources["io_manager"]
        lake = Lake(storage.root, storage_options=storage.storage_options)
        found = units(linked, definitions, instance)
        latest = Latest(instance)
        latest.preload(key for unit in found for key in unit.keys)
    return OpenWorkspace(settings, definitions, instance, found, Currency(latest, lake, settings))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no garbage: definitions are all kept, and looking at them again and again is a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def open_settings() -> Settings:
    """Return the settings of the workspace around the current folder, with its ``.env`` in the environment.

    Dagster's own commands read that file too, so a secret reaches a run however it is started. What is set
    already stays; a DAGSTER_HOME of the file belongs to the workspace's own data, not to other data that
    ``ASSETBOOK_DATA`` names.
    """
    from assetbook.settings import Settings, find_root

    root = find_root()
    file = root / ".env"
    if file.is_file():
        from dotenv import dotenv_values

        given = {name: value for name, value in dotenv_values(file).items() if value is not None}
        if "ASSETBOOK_DATA" in os.environ:
            given.pop("DAGSTER_HOME", None)
        os.environ.update({name: value for name, value in given.items() if name not in os.environ})
    return Settings.load(root)
