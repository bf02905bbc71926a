"""What can be run on its own: a notebook or Python asset, whole or one partition of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import dagster as dg
from dagster import AssetKey

from assetbook.declare import TableDeclaration
from assetbook.platform.definitions import Linked
from assetbook.platform.nodes import NotebookNode


@dataclass(frozen=True)
class Source:
    """An input of a unit: its name, whether it is partitioned, and whether the same key is read."""

    name: str
    partitioned: bool = False
    same_key: bool = False

    def partition(self, key: str | None) -> str | None:
        """Return the partition that a task of partition `key` reads; None for all of it."""
        return key if self.same_key else None


@dataclass(frozen=True, eq=False)
class Unit:
    """One computation of the workspace with all the assets that it gives."""

    op_name: str
    keys: tuple[AssetKey, ...]
    group: str
    partitions: dg.PartitionsDefinition[str] | None
    code_version: str | None
    inputs: tuple[Source, ...]
    tables: frozenset[str] = frozenset()
    node: NotebookNode | None = None
    declaration: TableDeclaration | None = None
    problem: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its assets."""
        return tuple("/".join(key.path) for key in self.keys)

    @property
    def title(self) -> str:
        """Its assets in one word, for people."""
        return " + ".join(self.names)


@dataclass(frozen=True)
class Task:
    """A unit, or one partition of it, that somebody wants current."""

    unit: Unit
    partition: str | None = None

    @property
    def title(self) -> str:
        """``flights@2013-01``: the asset, and its partition if it has any."""
        return f"{self.unit.title}[{self.partition}]" if self.partition else self.unit.title


def units(linked: Linked, definitions: dg.Definitions) -> list[Unit]:
    """Return every unit of the workspace, upstream first."""
    graph = definitions.resolve_asset_graph()
    nodes = {node.op_name: node for node in linked.nodes.values()}
    declarations = {d.name: d for d in linked.workspace.declarations}
    found: dict[str, Unit] = {}
    for key in graph.toposorted_asset_keys:
        assets = graph.get(key).assets_def
        if not graph.get(key).is_materializable or assets.op.name in found:
            continue
        node = nodes.get(assets.op.name)
        found[assets.op.name] = _unit(assets, graph, node, declarations)
    return list(found.values())


def _unit(
    assets: dg.AssetsDefinition,
    graph: object,
    node: NotebookNode | None,
    declarations: Mapping[str, TableDeclaration],
) -> Unit:
    keys = tuple(sorted(assets.keys))
    specs = [assets.specs_by_key[key] for key in keys]
    problem = specs[0].metadata.get("problem")
    tables = (
        {o.name for o in node.contract.outputs if o.kind == "table"}
        if node
        else {"/".join(k.path) for k in keys if "/".join(k.path) in declarations}
    )
    return Unit(
        op_name=assets.op.name,
        keys=keys,
        group=specs[0].group_name or "default",
        partitions=assets.partitions_def,
        code_version=specs[0].code_version,
        inputs=tuple(_source(assets, graph, dep, keys[0]) for dep in _upstream(specs, set(keys))),
        tables=frozenset(tables),
        node=node,
        declaration=declarations.get("/".join(keys[0].path)) if node is None else None,
        problem=problem.value if isinstance(problem, dg.MarkdownMetadataValue) else None,
    )


def _upstream(specs: list[dg.AssetSpec], own: set[AssetKey]) -> list[AssetKey]:
    return sorted({dep.asset_key for spec in specs for dep in spec.deps} - own)


def _source(assets: dg.AssetsDefinition, graph: object, upstream: AssetKey, own: AssetKey) -> Source:
    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

    assert isinstance(graph, AssetGraph)
    partitioned = graph.has(upstream) and graph.get(upstream).partitions_def is not None
    whole = (
        isinstance(graph.get_partition_mapping(own, upstream), dg.AllPartitionMapping)
        if partitioned
        else True
    )
    same = partitioned and not whole and assets.partitions_def is not None
    return Source("/".join(upstream.path), partitioned=partitioned, same_key=same)
