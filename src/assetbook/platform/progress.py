"""What happens in a run, brought into the states of its tasks."""

from __future__ import annotations

from typing import Protocol

from dagster import DagsterEvent, DagsterEventType, EventLogEntry

from assetbook.execute.frames import told
from assetbook.platform.plan import Planned


class Display(Protocol):
    """Somebody who shows a plan while it runs; called from several threads."""

    def changed(self, planned: Planned) -> None:
        """Show the new state of a task."""


class Progress:
    """Brings what happens in a run into the states of its tasks, as it happens."""

    def __init__(self, tasks: list[Planned], display: Display) -> None:
        self._tasks = {planned.task.unit.op_name: planned for planned in tasks}
        self._givers = {key: planned for planned in tasks for key in planned.task.unit.keys}
        self._display = display

    def cell_started(self, op_name: str, number: int, total: int) -> None:
        """Say how far a notebook is."""
        planned = self._tasks.get(op_name)
        if planned:
            planned.detail = f"cell {number} of {total}"
            self._display.changed(planned)

    def heard(self, entry: EventLogEntry) -> None:
        """Take an event of the run from Dagster's log."""
        event = entry.dagster_event
        if event is None or event.step_key is None:
            return
        if event.event_type is DagsterEventType.STEP_FAILURE and _is_interrupt(event):
            return  # it stays as it was: the summary says where each was
        if event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION:
            planned = self._givers.get(event.asset_check_evaluation_data.asset_key)
        else:
            planned = self._tasks.get(event.step_key.partition(".")[0])  # a graph's steps are called graph.op
        if planned:
            _follow(planned, event, entry.timestamp)
            self._display.changed(planned)


def _is_interrupt(event: DagsterEvent) -> bool:
    error = event.step_failure_data.error
    return error is not None and error.cls_name in {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}


def _follow(planned: Planned, event: DagsterEvent, at: float) -> None:
    match event.event_type:
        case DagsterEventType.STEP_START if planned.state == "waiting":
            planned.state, planned.started = "running", at
        case DagsterEventType.STEP_UP_FOR_RETRY | DagsterEventType.STEP_RESTARTED:
            planned.state, planned.detail = "running", "failed, another try"
        case DagsterEventType.STEP_FAILURE:
            planned.state, planned.detail = "failed", failure_text(event)
        case DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if check.blocking and not check.passed:
                planned.state, planned.detail = "failed", f"The blocking check {check.check_name!r} failed."
        case DagsterEventType.STEP_SUCCESS if event.step_key == planned.task.unit.op_name:
            if planned.state == "running":
                planned.state, planned.detail = "done", ""
    if planned.started:
        planned.seconds = at - planned.started


def failure_text(event: DagsterEvent) -> str:
    """Return why a step failed: what its author says, or the exception and where in the workspace it was."""
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    return told(data.error) if data.error else "It failed without a message."
