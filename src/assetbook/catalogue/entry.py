"""The entry of one asset that the workspace makes, from what its notebook, its runs and the lake tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetNode

from assetbook.catalogue import wording
from assetbook.catalogue.history import History
from assetbook.catalogue.model import Entry, Example, Kind, Metric, Run, Setting, State, Structure, Version
from assetbook.catalogue.models import Model, read_model
from assetbook.catalogue.records import Kept, metrics, read_records
from assetbook.catalogue.space import Space
from assetbook.catalogue.standing import standing
from assetbook.catalogue.structure import columns_known, example, schema_of, table_structure
from assetbook.errors import AssetbookError
from assetbook.lake import TableVersion
from assetbook.platform.currency import STORED
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.partitioning import describe
from assetbook.platform.tracking import MlflowResource
from assetbook.platform.units import Unit
from assetbook.words import counted, number

SHOWN = 10  # runs, and versions
OWN_TAGS = ("dagster/", "assetbook/")
Found = TypeVar("Found")


class Shelf:
    """What the entries of a workspace have in common, read once, and the entries so far."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.history = History(space)
        self.entries: dict[str, Entry] = {}
        self.kept: dict[str, tuple[list[Kept], list[str]]] = {}
        mlflow = space.resources.get("mlflow")
        self.mlflow = mlflow if isinstance(mlflow, MlflowResource) else None

    def records(self, node: NotebookNode) -> tuple[list[Kept], list[str]]:
        """Return the records of a notebook, and why some cannot be read."""
        if node.record_name not in self.kept:
            self.kept[node.record_name] = read_records(self.space.settings.records, node)
        return self.kept[node.record_name]


def read_entry(shelf: Shelf, key: dg.AssetKey, unit: Unit) -> Entry:
    """Return the entry of an asset."""
    return _Asset(shelf, key, unit).entry()


def declared(space: Space, node: AssetNode) -> dict[str, Any]:
    """Return the fields of an entry that are declared, whoever makes the asset."""
    return {
        "name": "/".join(node.key.path),
        "group": node.group_name,
        "owners": tuple(node.owners),
        "tags": {name: value for name, value in node.tags.items() if not name.startswith(OWN_TAGS)},
        "inputs": tuple("/".join(key.path) for key in sorted(node.parent_keys) if space.shows(key)),
        "readers": tuple("/".join(key.path) for key in sorted(node.child_keys) if space.shows(key)),
    }


class _Asset:
    """Reads the entry of one asset that the workspace makes."""

    def __init__(self, shelf: Shelf, key: dg.AssetKey, unit: Unit) -> None:
        self.shelf, self.space, self.key, self.unit = shelf, shelf.space, key, unit
        self.name = "/".join(key.path)
        self.node = shelf.space.graph.get(key)
        self.made = shelf.space.currency.latest.newest(key)
        self.kept, unread = shelf.records(unit.node) if unit.node else ([], [])
        self.trouble = list(unread)
        self.version = self.read(self.stored, None)
        self.kind = self.find_kind()

    def entry(self) -> Entry:
        runs = self.runs()
        model = self.model()
        structure, rows = self.structure(model)
        versions, older = (model.versions, model.older) if model else self.versions()
        reported = self.metrics()
        state, reason = self.standing(runs)
        discreet = any(column.sensitive for column in structure.columns)
        return Entry(
            **declared(self.space, self.node),
            kind=self.kind,
            title=(self.unit.node.contract.title or "") if self.unit.node else "",
            description=self.description(),
            source=self.space.sources.get(self.name, ""),
            state=state,
            reason=reason,
            holds=self.holds(reported, versions),
            facts=dict(self.facts()),
            structure=structure,
            example=rows,
            settings=_settings(self.unit),
            checks=self.shelf.history.checks(self.key, discreet=discreet),
            metrics=reported,
            runs=runs[:SHOWN],
            versions=versions,
            older=older,
            trouble=tuple(self.trouble),
        )

    def read(self, function: Callable[[], Found], otherwise: Found) -> Found:
        """Return what a function gives; where it cannot be read say why, and return something else."""
        try:
            return function()
        except AssetbookError as error:
            if str(error) not in self.trouble:
                self.trouble.append(str(error))
            return otherwise

    # ---- what it is

    def find_kind(self) -> Kind:
        for output in self.unit.node.contract.outputs if self.unit.node else ():
            if output.name == self.name:
                return output.kind
        is_table = self.unit.declaration or self.version or (self.made and STORED in self.made.metadata)
        return "table" if is_table else "asset"

    def description(self) -> str:
        if self.unit.problem:
            return ""
        if self.unit.node:
            contract = self.unit.node.contract
            return contract.options.description or contract.description or ""
        return self.node.description or ""

    def facts(self) -> Iterator[tuple[str, str]]:
        if self.unit.partitions is not None:
            yield "partitions", self.partitions()
        declaration = self.unit.declaration
        if declaration is not None and declaration.landing:
            yield "landing file", declaration.landing
        if self.made and isinstance(self.made.metadata.get("size (bytes)"), int) and not self.unit.partitions:
            yield "size", wording.size(self.made.metadata["size (bytes)"])
        if policy := self.node.freshness_policy:
            yield "freshness", _freshness(policy)
        options = self.unit.node.contract.options if self.unit.node else declaration and declaration.options
        if options and options.automation:
            yield "runs by itself", options.automation.replace("_", " ")

    def partitions(self) -> str:
        made = sorted(self.space.currency.latest.partitions(self.key))
        assert self.unit.partitions is not None
        kind = describe(self.unit.partitions).partition(" partitions such as")[0]
        if not made:
            return f"{kind}, none made yet"
        return f"{kind}, {len(made):,} made: {made[0]}" + (f" to {made[-1]}" if len(made) > 1 else "")

    def holds(self, reported: Sequence[Metric], versions: Sequence[Version]) -> str:
        """Return what there is of it, in a few words."""
        if self.made is None:
            return ""
        parts = [counted(self.version.rows, "row")] if self.version and self.kind == "table" else []
        if self.unit.partitions is not None:
            count = counted(len(self.space.currency.latest.partitions(self.key)), "partition")
            parts = [" in ".join([*parts, count])]
        if self.kind == "model" and versions:
            parts.append(f"version {versions[0].number}")
        if self.kind in ("model", "report"):
            shown = [metric for metric in reported if metric.points][:3]
            parts += [f"{metric.name} {number(metric.points[-1].value)}" for metric in shown]
        return " · ".join(parts)

    # ---- what runs have left

    def standing(self, runs: Sequence[Run]) -> tuple[State, str]:
        unknown: tuple[State, str] = "stale", "whether anything has changed cannot be told"
        return self.read(lambda: standing(self.space, self.unit, runs, made=self.made is not None), unknown)

    def runs(self) -> tuple[Run, ...]:
        if self.unit.node:
            return tuple(kept.run for kept in self.kept)
        return self.shelf.history.runs(self.key, self.unit)

    def metrics(self) -> tuple[Metric, ...]:
        """Return the metrics of its notebook; where that gives a model too, they are the model's."""
        if self.unit.node is None:
            return ()
        contract = self.unit.node.contract
        if self.kind == "table" and any(output.kind != "table" for output in contract.outputs):
            return ()
        return metrics(self.kept, declared=contract.metrics, partitioned=self.unit.partitions is not None)

    def model(self) -> Model | None:
        if self.kind != "model":
            return None
        model = read_model(self.name, self.kept, self.shelf.mlflow)
        if model.trouble:
            self.trouble.append(model.trouble)
            self.shelf.mlflow = None  # others would wait for it just as long
        return model

    # ---- the table

    def stored(self) -> TableVersion | None:
        return None if self.unit.problem else self.space.currency.table(self.name)

    def versions(self) -> tuple[tuple[Version, ...], int]:
        """Return the newest versions of the table, and how many more there are."""
        nothing: list[dict[str, Any]] = []
        lake = self.space.lake
        commits = nothing if self.version is None else self.read(lambda: lake.history(self.name), nothing)
        return tuple(_commit(commit) for commit in commits[:SHOWN]), max(len(commits) - SHOWN, 0)

    def structure(self, model: Model | None) -> tuple[Structure, Example | None]:
        """Return columns and first rows."""
        if model is not None:
            return self.described(model.structure), None
        if self.unit.problem or self.kind not in ("table", "asset"):
            return Structure(), None
        schema, other = schema_of(self.unit, self.name)
        told = columns_known(self.node, self.made)
        known = told is not None or not other
        structure = self.read(
            lambda: table_structure(schema, declared=told, version=self.version), Structure()
        )
        version = self.version
        if version is None:
            return structure, None
        return structure, self.read(
            lambda: example(self.space.lake, version, structure.columns, known=known), None
        )

    def described(self, inputs: Structure) -> Structure:
        """Return the inputs of a model with what the tables that it is made from say of columns so called."""
        said = {
            column.name: column.description
            for name in (source.name for source in self.unit.inputs)
            for column in (self.shelf.entries[name].structure.columns if name in self.shelf.entries else ())
            if column.description
        }
        columns = (replace(column, description=said.get(column.name, "")) for column in inputs.columns)
        return replace(inputs, columns=tuple(columns))


def _commit(commit: Mapping[str, Any]) -> Version:
    by_run = bool(commit["data_version"])
    return Version(
        number=commit["version"],
        at=datetime.fromisoformat(commit["timestamp"]),
        rows=commit["rows"] if by_run else None,
        partition=commit["partition"],
        note="" if by_run else str(commit["operation"] or "").lower(),
        run_id=str(commit["stamp"].get("run_id") or "") if by_run else "",
    )


def _settings(unit: Unit) -> tuple[Setting, ...]:
    if unit.node is None:
        return ()
    contract = unit.node.contract
    return tuple(
        Setting(
            p.name,
            str(p.type),
            "•••" if p.name in contract.options.secrets else str(p.to_config(p.default)),
            p.description or "",
        )
        for p in contract.parameters
    )


def _freshness(policy: Any) -> str:
    if hasattr(policy, "fail_window"):
        return f"at most {wording.span(policy.fail_window.to_timedelta())} old"
    return f"made anew by {policy.deadline_cron} ({policy.timezone})"
