"""The workspace around the current folder, opened with everything a command needs of the platform side."""

from __future__ import annotations

from dataclasses import dataclass

import dagster as dg

from assetbook.platform.definitions import Linked
from assetbook.platform.runner import open_instance
from assetbook.platform.units import Unit, units
from assetbook.platform.workspace import Workspace
from assetbook.settings import Settings


@dataclass(frozen=True)
class OpenWorkspace:
    """A linked workspace, its Dagster definitions and instance, and its units, upstream first."""

    linked: Linked
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    units: list[Unit]

    @property
    def settings(self) -> Settings:
        """The folders of the workspace."""
        return self.linked.workspace.settings


def open_workspace() -> OpenWorkspace:
    """Open the workspace around the current folder.

    Raises:
        WorkspaceError: there is none, or its resources cannot be had.
    """
    settings = Settings.load()
    instance = open_instance(settings)
    linked = Linked(Workspace.load(settings.root))
    definitions = linked.definitions()
    return OpenWorkspace(linked, definitions, instance, units(linked, definitions))
