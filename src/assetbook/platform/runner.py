"""Running a plan: each batch as one Dagster run in this process, recorded in the instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Protocol
from uuid import uuid4

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, DagsterInstance, EventLogEntry

from assetbook.platform.instance import process_tags, user
from assetbook.platform.observer import following
from assetbook.platform.plan import Plan, Planned
from assetbook.platform.trigger import USER_TAG, reason_tag

INTERRUPTED = "DagsterExecutionInterruptedError"


class Display(Protocol):
    """Somebody who shows a plan while it runs."""

    def changed(self, planned: Planned) -> None:
        """Show the new state of a task."""


class Runner:
    """Runs the batches of a plan one after the other."""

    def __init__(
        self,
        definitions: dg.Definitions,
        instance: DagsterInstance,
        *,
        display: Display,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Make a runner.

        Args:
            definitions: the workspace as Dagster sees it.
            instance: where the runs are recorded.
            display: shows what happens.
            stopped: whether somebody wants the end; asked between the runs, since Dagster keeps signals back.
        """
        self._definitions = definitions
        self._instance = instance
        self._display = display
        self._stopped = stopped
        self._invocation = uuid4().hex[:8]

    def run(self, plan: Plan) -> None:
        """Run the plan to its end; a failure stops only what depends on it.

        Raises:
            KeyboardInterrupt: somebody stopped it; the run that was going on is recorded as canceled.
        """
        for batch in plan.batches():
            _warm_up(plan)
            self._run_batch(batch, plan)
        for planned in plan.tasks:
            self._display.changed(planned)

    @cached_property
    def _job(self) -> dg.JobDefinition:
        return self._definitions.resolve_implicit_global_asset_job_def()

    def _run_batch(self, batch: list[Planned], plan: Plan) -> None:
        run_id = str(uuid4())
        progress = _Progress(batch, self._instance, self._display)
        self._instance.add_event_listener(run_id, progress.heard)
        try:
            with following(progress):
                result = self._job.execute_in_process(
                    run_id=run_id,
                    instance=self._instance,
                    asset_selection=[key for planned in batch for key in planned.task.unit.keys],
                    partition_key=batch[0].task.partition,
                    run_config=_run_config(batch, plan.parameters),
                    tags=self._tags(batch),
                    raise_on_error=False,
                )
        except dg.DagsterInvalidConfigError as error:  # of an asset that is Dagster's own and has no defaults
            for planned in batch:
                planned.state, planned.detail = "failed", str(error)
            return
        if progress.interrupted or self._stopped():
            raise KeyboardInterrupt
        _settle(batch, plan, result)
        for planned in batch:
            plan.currency.forget(planned.task.unit)
            self._display.changed(planned)

    def _tags(self, batch: list[Planned]) -> dict[str, str]:
        reasons = reason_tag({planned.task.unit.op_name: planned.reason for planned in batch})
        return {**reasons, **process_tags(), USER_TAG: user(), "assetbook/invocation": self._invocation}


def _warm_up(plan: Plan) -> None:
    """Let the libraries of warm kernels be imported while other work goes on, where several notebooks follow."""
    from assetbook.execute.warm import warm_up

    nodes = [p.task.unit.node for p in plan.tasks if not p.finished and p.task.unit.node]
    if len(nodes) > 1:
        warm_up(nodes[0].settings.root)


class _Progress:
    """Brings what happens in a run into the states of its tasks, as it happens."""

    def __init__(self, batch: list[Planned], instance: DagsterInstance, display: Display) -> None:
        self._tasks = {planned.task.unit.op_name: planned for planned in batch}
        self._givers = {key: planned for planned in batch for key in planned.task.unit.keys}
        self._instance = instance
        self._display = display
        self.interrupted = False

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
            self._cancel(entry.run_id)
        if event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION:
            planned = self._givers.get(event.asset_check_evaluation_data.asset_key)
        else:
            planned = self._tasks.get(event.step_key.partition(".")[0])  # a graph's steps are called graph.op
        if planned and not self.interrupted:
            _follow(planned, event, entry.timestamp)
            self._display.changed(planned)

    def _cancel(self, run_id: str) -> None:
        """Make Dagster record the run as canceled: without the request it would be called a failure."""
        self.interrupted = True
        run = self._instance.get_run_by_id(run_id)
        if run is not None:
            self._instance.report_run_canceling(run, "Stopped by its user.")


def _is_interrupt(event: DagsterEvent) -> bool:
    error = event.step_failure_data.error
    return error is not None and error.cls_name in {INTERRUPTED, "KeyboardInterrupt"}


def _follow(planned: Planned, event: DagsterEvent, at: float) -> None:
    match event.event_type:
        case DagsterEventType.STEP_START if planned.state == "waiting":
            planned.state, planned.started = "running", at
        case DagsterEventType.STEP_UP_FOR_RETRY | DagsterEventType.STEP_RESTARTED:
            planned.state, planned.detail = "running", "failed, another try"
        case DagsterEventType.STEP_FAILURE:
            planned.state, planned.detail = "failed", _failure_text(event)
        case DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if check.blocking and not check.passed:
                planned.state, planned.detail = "failed", f"The blocking check {check.check_name!r} failed."
        case DagsterEventType.STEP_SUCCESS if event.step_key == planned.task.unit.op_name:
            if planned.state == "running":
                planned.state, planned.detail = "done", ""
    if planned.started:
        planned.seconds = at - planned.started


def _settle(batch: list[Planned], plan: Plan, result: dg.ExecuteInProcessResult) -> None:
    """Say of what did not come to an end of its own why that is; a graph of several steps has none."""
    for planned in batch:
        if planned.finished:
            continue
        if lost := plan.blocked_by(planned):
            planned.state, planned.reason = "blocked", lost
        elif failure := _run_failure(result):
            planned.state, planned.detail = "failed", failure
        elif planned.state == "running":
            planned.state, planned.detail = "done", ""
        else:
            planned.state, planned.reason = "blocked", "an input was not made"


def _run_failure(result: dg.ExecuteInProcessResult) -> str | None:
    """Return why a run failed before its steps, as where a resource cannot be had."""
    for event in result.all_events:
        if event.event_type is DagsterEventType.RUN_FAILURE:
            data = event.job_failure_data
            if data.error and data.first_step_failure_event is None:
                return _innermost(data.error)
    return None


def _failure_text(event: DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    return _innermost(data.error) if data.error else "failed without a message"


def _innermost(error: Any) -> str:
    while error.cause is not None:
        error = error.cause
    return str(error.message).strip()


def _run_config(batch: list[Planned], parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    ops = {
        planned.task.unit.op_name: {"config": dict(parameters[planned.task.unit.op_name])}
        for planned in batch
        if planned.task.unit.op_name in parameters
    }
    return {"ops": ops, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
