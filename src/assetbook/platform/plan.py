"""The order in which tasks are run, or found current.

A batch is one Dagster run: tasks of the same partition that are sure to run. Several may run at once. Whether a
task must run because of its inputs is only asked when those are done, since an input that comes out as it was
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from dagster import AssetKey

from assetbook.platform.currency import Currency
from assetbook.platform.units import Source, Task

State = Literal["waiting", "running", "done", "current", "failed", "blocked", "broken"]
_PAST: Mapping[str, str] = {"failed": "failed", "blocked": "could not run", "broken": "is broken"}


@dataclass(eq=False)
class Planned:
    """A task with what became of it.

    Attributes:
        task: what somebody wants current.
        state: how far it is.
        reason: why it runs, or why it does not.
        detail: of a running task how far it is; of a failed one the whole message.
        started: seconds since the epoch.
        seconds: how long it ran.
    """

    task: Task
    state: State = "waiting"
    reason: str = ""
    detail: str = ""
    started: float = 0.0
    seconds: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in {"waiting", "running"}

    @property
    def lost(self) -> bool:
        """Whether what depends on it cannot run."""
        return self.state in _PAST


@dataclass(eq=False)
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
        self._givers: dict[AssetKey, dict[str | None, Planned]] = {}
        for planned in self.tasks:
            for key in planned.task.unit.keys:
                self._givers.setdefault(key, {})[planned.task.partition] = planned
        self._waiting = list(self.tasks)
        self._running: set[Planned] = set()

    def next_batch(self) -> list[Planned]:
        """Return tasks to run together now; none if all are done, or wait for what runs."""
        batch: list[Planned] = []
        together: set[Planned] = set()
        for planned in self._waiting:
            if batch and not _same_partition(batch[0].task, planned.task):
                continue
            reason = self._reason(planned, together)
            if reason is not None:
                planned.reason = reason
                batch.append(planned)
                together.add(planned)
        self._running |= together
        self._waiting = [p for p in self._waiting if not p.finished and p not in together]
        return batch

    def finish(self, batch: Iterable[Planned]) -> None:
        """Take note that a batch has come to its end, and its tasks have their states."""
        for planned in batch:
            self._running.discard(planned)
            self.currency.forget(planned.task.unit)

    def blocked_by(self, planned: Planned) -> str | None:
        """Return which input of a task was lost, in words; None if none was, or if it can do without."""
        for above in () if planned.task.unit.undemanding else self._upstream(planned.task):
            if above.lost:
                return f"{above.task.title} {_PAST[above.state]}"
        return None

    def _reason(self, planned: Planned, batch: set[Planned]) -> str | None:
        """Return why the task runs now; None if it waits, or is settled without a run."""
        task = planned.task
        if task.unit.problem:
            planned.state, planned.reason = "broken", task.unit.problem
            return None
        if lost := self.blocked_by(planned):
            planned.state, planned.reason = "blocked", lost
            return None
        pending = {p for p in self._upstream(task) if p in self._running or not p.finished}
        if not pending <= batch or (pending and task.unit.undemanding):  # a failure in its run would skip it
            return None
        wanted = self.parameters.get(task.unit.op_name, {})
        reason = "asked for (--force)" if self.force else self.currency.own_reason(task, wanted)
        if reason is None and not pending:
            reason = self.currency.data_reason(task)
        if reason is None:
            if not pending:
                made = self.currency.made(task)
                planned.state, planned.reason = "current", f"nothing changed since {_moment(made.at)}"
            return None
        if missing := self._missing(task):
            planned.state, planned.reason = "blocked", missing
            return None
        return reason

    def _missing(self, task: Task) -> str | None:
        """Return a sentence on an input that was never made and is not among the tasks."""
        for source in () if task.unit.undemanding else task.unit.inputs:
            if any(self._planned(source, task)):
                continue
            missing = self.currency.missing(source, task.partition)
            if missing:
                return f"{missing} was never materialized: assetbook run +{task.unit.names[0]}"
        return None

    def _upstream(self, task: Task) -> Iterator[Planned]:
        for source in task.unit.inputs:
            yield from self._planned(source, task)

    def _planned(self, source: Source, task: Task) -> Iterator[Planned]:
        """Give the tasks of this plan that make what `task` reads of an input."""
        above = self._givers.get(source.key, {})
        keys: Iterable[str | None] | None = source.read_by(task.partition)
        yield from above.values() if keys is None else (above[key] for key in keys if key in above)


def _same_partition(one: Task, other: Task) -> bool:
    return one.partition == other.partition and one.unit.partitions == other.unit.partitions


def _moment(at: float) -> str:
    """Return a moment in local time: today's as a time of day, others with their date."""
    moment = datetime.fromtimestamp(at)
    return f"{moment:%H:%M}" if moment.date() == datetime.now().date() else f"{moment:%Y-%m-%d %H:%M}"
