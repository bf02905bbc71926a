"""The workspace around the current folder, opened with everything a command needs of the platform side."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetbook.cli.completion import remember
from assetbook.errors import WorkspaceError, did_you_mean

if TYPE_CHECKING:
    import dagster as dg

    from assetbook.platform.currency import Currency
    from assetbook.platform.units import Unit
    from assetbook.settings import Settings


@dataclass(frozen=True)
class OpenWorkspace:
    """A workspace with everything a command asks of it.

    Attributes:
        settings: its folders.
        definitions: as Dagster sees it.
        instance: Dagster's history.
        units: what can be run, upstream first.
        currency: what is current of them.
        sources: asset to the file that makes it, relative to the workspace.
    """

    settings: Settings
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    units: list[Unit]
    currency: Currency
    sources: Mapping[str, str]

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

    def select(self, parts: Sequence[str]) -> list[Unit]:
        """Return the units that any of the selections names, all without one, upstream first.

        Raises:
            WorkspaceError: a selection that cannot be read, or nothing is selected.
        """
        from assetbook.platform.selection import select

        each = " or ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts)
        return select(self.units, self.definitions, each or "*")

    def source(self, unit: Unit) -> str:
        """Return the file that makes a unit; empty for a file that cannot be read, which its problem names."""
        return next((self.sources[name] for name in unit.names if name in self.sources), "")


def open_workspace() -> OpenWorkspace:
    """Open the workspace around the current folder.

    Raises:
        WorkspaceError: there is none, or its resources cannot be had.
    """
    settings = open_settings()
    from assetbook.platform.garbage import no_collection
    from assetbook.platform.instance import open_instance
    from assetbook.platform.space import Space

    with no_collection(), redirect_stdout(sys.stderr):  # what modules print is not the command's answer
        instance = open_instance(settings)
        opened = Space.open(settings, instance)
    space = OpenWorkspace(
        settings, opened.definitions, instance, opened.units, opened.currency, opened.sources
    )
    remember(space.names, settings)
    return space


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
