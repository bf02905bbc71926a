"""What runs: a notebook or a table function, together with what only the whole workspace knows of it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from assetbook.contract import Contract, Output, Parameter, TypeSpec
from assetbook.contract.model import OutputKind
from assetbook.contract.places import group_of as group_of
from assetbook.contract.places import record_name as record_name
from assetbook.contract.types import Kind
from assetbook.declare import TableDeclaration
from assetbook.platform.partitioning import Definition, Partitioning, same_keys
from assetbook.settings import Settings


@dataclass(frozen=True)
class NotebookNode:
    """One notebook of the workspace, ready to become a Dagster asset.

    Attributes:
        contract: what static reading found.
        op_name: the name of its computation in Dagster, unique in the workspace.
        partitions: with ``like`` followed to its end; None where it has none.
        input_kinds: table or model, for each input.
        input_partitions: the partitions of each input that has any.
        settings: the workspace's folders.
    """

    contract: Contract
    op_name: str
    partitions: Partitioning | None
    input_kinds: Mapping[str, OutputKind]
    input_partitions: Mapping[str, Definition]
    settings: Settings

    @property
    def record_name(self) -> str:
        """The path below ``notebooks/`` without suffix: where this notebook's records are."""
        return record_name(self.contract.path)

    def group(self, output: Output) -> str:
        """Return the group of an output: the declared one, else that of the notebook's main kind."""
        return group_of(self.contract, output)

    def reads_own_key(self, name: str) -> bool:
        """Whether input `name` is read by the run's own partition key; else all of it is."""
        source = next(i for i in self.contract.inputs if i.name == name)
        bound = self.partitions is not None and source.partition_parameter == self.partitions.parameter
        return bound and name in self.input_partitions

    def partition_of(self, name: str, key: str | None) -> str | None:
        """Return the partition of input `name` that a run of partition `key` reads; None for all of it."""
        return key if self.reads_own_key(name) else None


@dataclass(frozen=True)
class TableNode:
    """One function marked with ``ab.table``, ready to become a Dagster asset; the attributes as above."""

    declaration: TableDeclaration
    partitions: Partitioning | None
    input_partitions: Mapping[str, Definition]
    settings: Settings

    @property
    def where(self) -> str:
        """The file and the function, as messages name them."""
        return table_place(self.declaration, root=self.settings.root)

    def reads_own_key(self, name: str) -> bool:
        """Whether input `name` is read by the run's own partition key: where the partitions are the same."""
        upstream = self.input_partitions.get(name)
        return (
            self.partitions is not None
            and upstream is not None
            and same_keys(self.partitions.definition, upstream)
        )

    def partition_of(self, name: str, key: str | None) -> str | None:
        """Return the partition of input `name` that a run of partition `key` reads; None for all of it."""
        return key if self.reads_own_key(name) else None


def table_place(declaration: TableDeclaration, *, root: Path) -> str:
    """Return how messages name a table function: ``assets/flights.py, flights()``."""
    source = declaration.source.resolve()
    shown = source.relative_to(root) if source.is_relative_to(root) else source
    return f"{shown}, {declaration.name}()"


def key_parameter(declaration: TableDeclaration) -> Parameter | None:
    """Return the parameter of a table function that receives the partition key, if it takes it."""
    name = declaration.partition_parameter
    if name is None or name not in declaration.takes:
        return None
    try:
        annotation = inspect.get_annotations(declaration.function, eval_str=True).get(name)
    except NameError:  # another parameter's type is imported for type checkers only
        annotation = None
    kind: Kind = "datetime" if annotation is datetime else "date" if annotation is date else "str"
    return Parameter(name, TypeSpec(kind), None)
