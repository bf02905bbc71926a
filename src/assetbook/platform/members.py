"""What linking needs to know of a notebook, of a table function and of what a module defines with Dagster itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from assetbook.contract import Contract, Output, Parameter, Partitions
from assetbook.contract.model import OutputKind
from assetbook.declare import TableDeclaration
from assetbook.platform.modules import DagsterModule
from assetbook.platform.nodes import key_parameter, table_place
from assetbook.platform.partitioning import Definition


@dataclass(frozen=True)
class Given:
    """An asset that a member gives; `where` is how messages name the place."""

    name: str
    where: str
    kind: OutputKind = "table"


@dataclass(frozen=True)
class Read:
    """An asset that a member reads; `passes` is the parameter that it gives as the partition to read."""

    name: str
    where: str
    passes: str | None = None


@dataclass(frozen=True)
class Member:
    """One computation of the workspace, as far as linking looks at it.

    Attributes:
        where: the file, and the function in it, as messages name them; unique.
        given: the assets that it gives.
        reads: the assets that it reads.
        partitions: as it declares them, or Dagster's definition.
        key_parameter: the parameter that receives the partition key, where its type is still to be checked.
        tables_only: whether it can read nothing but tables.
        foreign: defined with Dagster itself, so that nothing here can take its place.
        guessed: a notebook that could not be read, whose name is only that of its file.
    """

    where: str
    given: tuple[Given, ...]
    reads: tuple[Read, ...] = ()
    partitions: Partitions | Definition | None = None
    key_parameter: Parameter | None = None
    tables_only: bool = False
    foreign: bool = False
    guessed: bool = False

    @property
    def is_report(self) -> bool:
        """Whether the executed notebook is all that it gives."""
        return any(given.kind == "report" for given in self.given)


def notebook_member(contract: Contract) -> Member:
    """Return a notebook as linking sees it."""
    partitions = contract.options.partitions
    follows = partitions is not None and partitions.kind == "like"
    guessed = bool(contract.problems) and contract.is_report
    own = {output.name for output in contract.outputs}  # reading the notebook has refused to load those
    return Member(
        where=str(contract.path),
        given=tuple(
            # what loads it expects a table, and can work with the one that was there before
            Given(o.name, _where(contract, o), "table" if guessed else o.kind)
            for o in contract.outputs
        ),
        reads=tuple(
            Read(i.name, f"{contract.path}, {i.place}", i.partition_parameter)
            for i in contract.inputs
            if i.name not in own
        ),
        partitions=partitions,
        # of other partitions than those of another asset, reading the notebook has already checked the type
        key_parameter=contract.parameter(partitions.parameter) if partitions and follows else None,
        guessed=guessed,
    )


def _where(contract: Contract, output: Output) -> str:
    """Return where an output is given: a report by the file as a whole."""
    return f"{contract.path}" if output.kind == "report" else f"{contract.path}, {output.place}"


def table_member(declaration: TableDeclaration, *, root: Path) -> Member:
    """Return a table function as linking sees it."""
    where = table_place(declaration, root=root)
    return Member(
        where=where,
        given=(Given(declaration.name, where),),
        reads=tuple(Read(name, where) for name in declaration.inputs),
        partitions=declaration.options.partitions,
        key_parameter=key_parameter(declaration),
        tables_only=True,
    )


def foreign_members(module: DagsterModule) -> Iterator[Member]:
    """Give the assets that a module defines with Dagster itself."""
    for item in module.objects:
        for spec in _specs(item):
            name = "/".join(spec.key.path)
            where = f"{module.path}, asset {name}"
            yield Member(
                where=where,
                given=(Given(name, where),),
                reads=tuple(Read("/".join(dep.asset_key.path), where) for dep in spec.deps),
                partitions=spec.partitions_def,
                foreign=True,
            )


def _specs(item: object) -> Iterator[dg.AssetSpec]:
    match item:
        case dg.AssetSpec():
            yield item
        case dg.AssetsDefinition():
            yield from item.specs
        case dg.Definitions():
            for asset in item.assets or ():
                yield from _specs(asset)
