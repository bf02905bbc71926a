"""What can be run on its own: a notebook or Python asset, whole or one partition of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import dagster as dg
from dagster import AssetKey
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from assetbook.declare import TableDeclaration
from assetbook.platform.definitions import Linked
from assetbook.platform.everything import EVERYTHING_TAG
from assetbook.platform.nodes import NotebookNode

ReadKeys = Callable[[str], "tuple[str, ...]"]


@dataclass(frozen=True)
class Source:
    """An input of a unit.

    Attributes:
        key: the upstream asset.
        keys: gives the upstream partitions that a partition reads; None where it reads the whole asset.
        every: all upstream partitions of an input that is partitioned, in order; None if it is not.
        external: nothing in this workspace makes it.
    """

    key: AssetKey
    keys: ReadKeys | None = None
    every: Callable[[], tuple[str, ...]] | None = None
    external: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return "/".join(self.key.path)

    @property
    def partitioned(self) -> bool:
        """Whether the upstream asset has partitions."""
        return self.every is not None

    def read_by(self, partition: str | None) -> tuple[str, ...] | None:
        """Return the upstream partitions that a task of `partition` reads; None for the whole asset."""
        return None if self.keys is None or partition is None else self.keys(partition)


@dataclass(frozen=True, eq=False)
class Unit:
    """One computation of the workspace with all the assets that it gives.

    `undemanding` is one that comes after its inputs, but needs none of them: it reads everything that there is.
    """

    op_name: str
    keys: tuple[AssetKey, ...]
    group: str
    partitions: dg.PartitionsDefinition[str] | None
    code_version: str | None
    inputs: tuple[Source, ...]
    node: NotebookNode | None = None
    declaration: TableDeclaration | None = None
    problem: str | None = None
    undemanding: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its assets."""
        return tuple("/".join(key.path) for key in self.keys)

    @property
    def title(self) -> str:
        """Its assets in one word, for people."""
        return " + ".join(self.names)

    @property
    def bound(self) -> str | None:
        """The notebook's parameter that receives the partition key."""
        return self.node.partitions.parameter if self.node and self.node.partitions else None


@dataclass(frozen=True)
class Task:
    """A unit, or one partition of it, that somebody wants current."""

    unit: Unit
    partition: str | None = None

    @property
    def title(self) -> str:
        """``flights[2013-01]``: the asset, and its partition if it has any."""
        return f"{self.unit.title}[{self.partition}]" if self.partition else self.unit.title


def units(linked: Linked, definitions: dg.Definitions, instance: dg.DagsterInstance) -> list[Unit]:
    """Return every unit of the workspace, upstream first.

    Args:
        linked: the workspace.
        definitions: as Dagster sees it.
        instance: knows the dynamic partitions.
    """
    graph = definitions.resolve_asset_graph()
    assert isinstance(graph, AssetGraph)
    nodes = {node.op_name: node for node in linked.nodes.values()}
    declarations = {d.name: d for d in linked.workspace.declarations}
    found: dict[str, Unit] = {}
    for key in graph.toposorted_asset_keys:
        if not graph.get(key).is_materializable:
            continue
        assets = graph.get(key).assets_def
        if assets.node_def.name not in found:
            unit = _unit(assets, _Sources(graph, instance), nodes.get(assets.node_def.name), declarations)
            found[unit.op_name] = unit
    return list(found.values())


def _unit(
    assets: dg.AssetsDefinition,
    sources: _Sources,
    node: NotebookNode | None,
    declarations: Mapping[str, TableDeclaration],
) -> Unit:
    keys = tuple(sorted(assets.keys))
    specs = [assets.specs_by_key[key] for key in keys]
    problem = specs[0].metadata.get("problem")
    return Unit(
        op_name=assets.node_def.name,
        keys=keys,
        group=specs[0].group_name or "default",
        partitions=assets.partitions_def,
        code_version=specs[0].code_version,
        inputs=tuple(sources.of(assets, dep) for dep in _upstream(specs, set(keys))),
        node=node,
        declaration=declarations.get("/".join(keys[0].path)) if node is None else None,
        problem=problem.value if isinstance(problem, dg.MarkdownMetadataValue) else None,
        undemanding=EVERYTHING_TAG in specs[0].tags,
    )


def _upstream(specs: Iterable[dg.AssetSpec], own: set[AssetKey]) -> list[AssetKey]:
    return sorted({dep.asset_key for spec in specs for dep in spec.deps} - own)


@dataclass(frozen=True)
class _Sources:
    """Reads from Dagster's graph which partitions of an upstream asset are read."""

    graph: AssetGraph
    instance: dg.DagsterInstance

    def of(self, assets: dg.AssetsDefinition, upstream: AssetKey) -> Source:
        """Return an asset's input."""
        if not self.graph.has(upstream):
            return Source(upstream, external=True)
        above = self.graph.get(upstream)
        external = not above.is_materializable
        if above.partitions_def is None:
            return Source(upstream, external=external)
        return Source(upstream, self._keys(assets, upstream), self._every(above.partitions_def), external)

    def _every(self, partitions: dg.PartitionsDefinition[str]) -> Callable[[], tuple[str, ...]]:
        return cache(lambda: tuple(partitions.get_partition_keys(dynamic_partitions_store=self.instance)))

    def _keys(self, assets: dg.AssetsDefinition, upstream: AssetKey) -> ReadKeys | None:
        child = next(key for key in sorted(assets.keys) if upstream in self.graph.get(key).parent_keys)
        mapping = self.graph.get_partition_mapping(child, upstream)
        if assets.partitions_def is None or isinstance(mapping, dg.AllPartitionMapping):
            return None
        same = self.graph.get(upstream).partitions_def == assets.partitions_def
        if same and mapping in (dg.IdentityPartitionMapping(), dg.TimeWindowPartitionMapping()):
            return lambda key: (key,)
        return cache(lambda key: self._mapped(key, child, upstream))

    def _mapped(self, key: str, child: AssetKey, upstream: AssetKey) -> tuple[str, ...]:
        from dagster._core.definitions.partitions.context import partition_loading_context

        with partition_loading_context(dynamic_partitions_store=self.instance):
            found = self.graph.get_parent_partition_keys_for_child(key, upstream, child)
            return tuple(found.partitions_subset.get_partition_keys())
