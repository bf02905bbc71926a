"""Which tasks a selection stands for, and the order in which they are run or found current.

A batch is one Dagster run: tasks of the same partition that are sure to run. Whether a task must run because
of its inputs is only asked when those are done, since an input that comes out as it was changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import dagster as dg
from dagster import DagsterInstance

from assetbook.errors import WorkspaceError, did_you_mean
from assetbook.platform.currency import Currency
from assetbook.platform.python_asset import landing_keys
from assetbook.platform.units import Task, Unit
from assetbook.settings import Settings

State = Literal["waiting", "running", "done", "current", "failed", "blocked", "broken"]
MANY_PARTITIONS = 1_000


@dataclass
class Planned:
    """A task with what became of it; `reason` says why it runs, or why it does not."""

    task: Task
    state: State = "waiting"
    reason: str = ""
    seconds: float = 0.0
    detail: str = ""

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in {"waiting", "running"}


@dataclass
class Plan:
    """The tasks of one invocation, upstream first.

    Attributes:
        tasks: with their states.
        currency: answers what is current.
        force: run everything, current or not.
        parameters: op name to the parameters that were asked for.
    """

    tasks: list[Planned]
    currency: Currency
    force: bool = False
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_unit: dict[str, list[Planned]] = {}
        for planned in self.tasks:
            self._by_unit.setdefault(planned.task.unit.names[0], []).append(planned)
        self._givers = {n: p.task.unit.names[0] for p in self.tasks for n in p.task.unit.names}

    def batches(self) -> Iterator[list[Planned]]:
        """Give the batches one after the other; run each before asking for the next."""
        while batch := self._next_batch():
            yield batch

    def _next_batch(self) -> list[Planned]:
        batch: list[Planned] = []
        for planned in self.tasks:
            if planned.finished:
                continue
            if batch and not _same_partition(batch[0].task, planned.task):
                continue
            reason = self._reason(planned, batch)
            if reason is not None:
                planned.reason = reason
                batch.append(planned)
        return batch

    def _reason(self, planned: Planned, batch: list[Planned]) -> str | None:
        """Return why the task runs now; None if it waits, or is settled without a run."""
        task = planned.task
        if task.unit.problem:
            planned.state, planned.reason = "broken", task.unit.problem
            return None
        upstream = list(self._upstream(task))
        lost = [u for u in upstream if u.state in {"failed", "blocked", "broken"}]
        if lost:
            planned.state, planned.reason = "blocked", f"{lost[0].task.title} {_PAST[lost[0].state]}"
            return None
        pending = [u for u in upstream if not u.finished]
        wanted = self.parameters.get(task.unit.op_name, {})
        own = "asked for (--force)" if self.force else self.currency.own_reason(task, wanted)
        if pending:
            return own if all(u in batch for u in pending) else None
        reason = own or self.currency.data_reason(task)
        if reason is None:
            planned.state, planned.reason = "current", "nothing changed"
        return reason

    def _upstream(self, task: Task) -> Iterator[Planned]:
        for source in task.unit.inputs:
            for planned in self._by_unit.get(self._givers.get(source.name, ""), []):
                if planned.task.partition is None or source.partition(task.partition) in {
                    None,
                    planned.task.partition,
                }:
                    yield planned


_PAST = {"failed": "failed", "blocked": "could not run", "broken": "is broken"}


def _same_partition(one: Task, other: Task) -> bool:
    return one.partition == other.partition and one.unit.partitions == other.unit.partitions


def select(units: list[Unit], definitions: dg.Definitions, selection: str) -> list[Unit]:
    """Return the units that Dagster's selection syntax names, upstream first.

    Args:
        units: all of the workspace.
        definitions: their Dagster definitions.
        selection: such as ``*``, ``delay_model``, ``+delay_model``, ``group:raw``, ``key:"flight*"``.

    Raises:
        WorkspaceError: the selection cannot be read, or names nothing.
    """
    try:
        keys = dg.AssetSelection.from_string(selection).resolve(definitions.resolve_asset_graph())
    except Exception as error:  # noqa: BLE001 - Dagster's, antlr's and pydantic's errors all mean a bad selection
        raise _unknown_selection(selection, units, str(error)) from None
    chosen = [unit for unit in units if set(unit.keys) & keys]
    if not chosen:
        raise _unknown_selection(selection, units, "it names no asset")
    return chosen


def _unknown_selection(selection: str, units: list[Unit], why: str) -> WorkspaceError:
    names = [name for unit in units for name in unit.names]
    return WorkspaceError(
        f"The selection {selection!r} cannot be used: {why.splitlines()[0]}. {did_you_mean(selection, names)} "
        "Syntax: an asset, +asset (with what it needs), asset+ (with what needs it), group:raw, owner:…, and, or, not."
    )


def plan_tasks(
    units: Iterable[Unit],
    *,
    instance: DagsterInstance,
    settings: Settings,
    keys: list[str] | None = None,
) -> list[Planned]:
    """Return a task for each unit and each of its partitions that can be had.

    Without `keys`, a table read from landing files has the partitions whose file has arrived; what depends on
    it partition by partition has the same; any other has all partitions of its definition.

    Args:
        units: upstream first.
        instance: knows the dynamic partitions.
        settings: where the landing files are.
        keys: the partitions to take, for the units that are partitioned.

    Raises:
        WorkspaceError: a key that a partitioned unit does not have, or far too many partitions at once.
    """
    units = list(units)
    known: dict[str, list[str]] = {}
    tasks: list[Planned] = []
    if keys and not any(unit.partitions for unit in units):
        raise WorkspaceError(
            f"--partition {keys[0]}: none of the selected assets has partitions. Leave it out."
        )
    for unit in units:
        if unit.partitions is None:
            tasks.append(Planned(Task(unit)))
            continue
        chosen = _chosen_keys(unit, keys, instance) if keys else _available(unit, known, instance, settings)
        for name in unit.names:
            known[name] = chosen
        tasks += [Planned(Task(unit, key)) for key in chosen]
    return tasks


def _chosen_keys(unit: Unit, keys: list[str], instance: DagsterInstance) -> list[str]:
    assert unit.partitions is not None
    there = unit.partitions.get_partition_keys(dynamic_partitions_store=instance)
    chosen: list[str] = []
    for key in keys:
        first, dots, last = key.partition("..")
        for end in (first, last) if dots else (first,):
            if end not in there:
                span = f"{there[0]} to {there[-1]}" if there else "none"
                raise WorkspaceError(
                    f"{unit.title} has no partition {end!r}. It has {len(there)}: {span}. {did_you_mean(end, there)}"
                )
        chosen += there[there.index(first) : there.index(last or first) + 1]
    return list(dict.fromkeys(chosen))


def _available(
    unit: Unit, known: Mapping[str, list[str]], instance: DagsterInstance, settings: Settings
) -> list[str]:
    assert unit.partitions is not None
    there = list(unit.partitions.get_partition_keys(dynamic_partitions_store=instance))
    if unit.declaration is not None and unit.declaration.landing:
        arrived = set(landing_keys(unit.declaration, settings))
        return [key for key in there if key in arrived]
    for source in unit.inputs:
        if source.same_key:
            above = known.get(source.name) or _materialized(source.name, instance)
            there = [key for key in there if key in set(above)]
    if len(there) > MANY_PARTITIONS:
        raise WorkspaceError(
            f"{unit.title} has {len(there):,} partitions. Say which: --partition {there[0]}..{there[-1]}."
        )
    return there


def _materialized(name: str, instance: DagsterInstance) -> list[str]:
    return sorted(instance.get_materialized_partitions(dg.AssetKey(name.split("/"))))
