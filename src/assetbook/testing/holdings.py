"""What a workspace has of its assets, which is only read: the lake, the registry, and what is declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assetbook.contract import Contract
from assetbook.errors import LakeError, SchemaError
from assetbook.lake import Lake, TableVersion
from assetbook.lake.columns import schema_from_text
from assetbook.platform.definitions import Linked
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.workspace import resource_names
from assetbook.schema import sensitive_columns
from assetbook.testing import samples
from assetbook.testing.keys import period, texts
from assetbook.testing.values import Period


@dataclass(frozen=True)
class Holdings:
    """The assets of a workspace as they are.

    Attributes:
        linked: the workspace.
        downloads: the folder for models that are kept elsewhere.
    """

    linked: Linked
    downloads: Path

    @cached_property
    def lake(self) -> Lake:
        """Where the tables are."""
        workspace = self.linked.workspace
        storage = workspace.resources[resource_names(workspace.settings).storage]
        return Lake(storage.root, storage_options=storage.storage_options)

    @cached_property
    def samples(self) -> Path | None:
        """The folder of rows that are kept beside the tests, None where there is none."""
        folder = self.linked.workspace.settings.root / samples.FOLDER
        return folder if folder.is_dir() else None

    def kept(self, name: str) -> dict[str | None, Path]:
        """Return the files that are kept of a table, by partition."""
        return samples.kept(self.samples, name) if self.samples else {}

    def table(self, name: str) -> TableVersion | None:
        """Return the newest version of a table, None where there is none, or the lake is not looked at."""
        if self.samples:
            return None
        try:
            return self.lake.version(name)
        except LakeError:
            if self.lake.exists(name):
                raise
            return None

    def current(self, name: str) -> TableVersion | None:
        """Return a table of the lake, if nothing makes it, or the code of now has made it."""
        node, table = self.giver(name), self.table(name)
        if table is None or node is None:
            return table
        made_by = self.lake.history(name)[0]["stamp"].get("code_version")
        return table if made_by == node.contract.code_version else None

    def raw(self, contracts: Iterable[Contract]) -> list[str]:
        """Return the tables of the lake that notebooks load and that no notebook makes.

        Those with columns whose values nobody is to see are left out.
        """
        loaded = {source.name for contract in contracts for source in contract.inputs}
        there = (name for name in sorted(loaded) if self.giver(name) is None and self.lake.exists(name))
        return [name for name in there if not self._is_sensitive(name)]

    def _is_sensitive(self, name: str) -> bool:
        columns = [column.name for column in schema_from_text(self.lake.version(name).schema)]
        return bool(sensitive_columns(self.schema(name), columns))

    def giver(self, name: str) -> NotebookNode | None:
        """Return the notebook that makes an asset."""
        nodes = self.linked.nodes.values()
        return next((n for n in nodes if any(o.name == name for o in n.contract.outputs)), None)

    def definition(self, name: str) -> Any:
        """Return the partitions of an asset, None where it has none."""
        giver = self.linked.links.givers.get(name)
        partitioning = self.linked.links.partitions(giver) if giver else None
        return partitioning.definition if partitioning else None

    def schema(self, name: str) -> Any:
        """Return the schema of a table as its notebook or its function declares it; None where there is none."""
        for declaration in self.linked.workspace.declarations:
            if declaration.name == name:
                return declaration.schema
        return declared_schema(node.contract, name) if (node := self.giver(name)) else None

    @cached_property
    def period_of_all(self) -> Period:
        """The time that made tables are about."""
        members = self.linked.links.members
        found = [p.definition for member in members if (p := self.linked.links.partitions(member))]
        named = texts(p.default for c in self.linked.workspace.contracts for p in c.parameters)
        return period(found, named=named)

    def registered(self, name: str, node: NotebookNode | None) -> tuple[Path, str] | None:
        """Return folder and version of the newest model in the registry, if the code of now has fitted it."""
        from assetbook.platform.registry import Registry

        mlflow = self.linked.workspace.resources.get(resource_names(self.linked.workspace.settings).mlflow)
        address = getattr(mlflow, "tracking_uri", None)
        if self.samples or mlflow is None or address is None or _is_absent(address):
            return None
        registry = Registry(mlflow)
        found = registry.latest_version(name)
        if found is None or (
            node is not None and found.tags.get("code_version") != node.contract.code_version
        ):
            return None
        return registry.folder(found, to=self.downloads / name), str(found.version)


def declared_schema(contract: Contract, name: str) -> Any:
    """Return the schema of a notebook's table where it can be told without running; else None.

    Raises:
        SchemaError: its module cannot be imported.
    """
    from importlib import import_module

    for output in contract.outputs:
        if output.name == name and output.schema_ref:
            module, _, attribute = output.schema_ref.partition(":")
            try:
                return getattr(import_module(module), attribute)
            except Exception as error:  # whatever a module of the workspace raises
                raise SchemaError(f"{attribute} cannot be had from {module}: {error}") from error
    return None


def _is_absent(address: str) -> bool:
    return address.startswith("sqlite:///") and not Path(address.removeprefix("sqlite:///")).exists()
