"""Running a plan: each batch as one Dagster run in this process, several at once, recorded in the instance."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, DagsterInstance, DagsterRun
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import (
    ExecuteRunWithPlanIterable,
    create_execution_plan,
    job_execution_iterator,
)
from dagster._core.execution.context_creation_job import (
    PlanOrchestrationContextManager,
    orchestration_context_event_generator,
)
from dagster._core.execution.execute_in_process import merge_run_tags
from dagster._core.execution.plan.plan import ExecutionPlan

from assetbook.execute import prepare_kernel, warm
from assetbook.execute.frames import told
from assetbook.execute.kernel import DEFAULT
from assetbook.platform.executor import executor_for
from assetbook.platform.instance import process_tags, user
from assetbook.platform.observer import following
from assetbook.platform.plan import Plan, Planned
from assetbook.platform.progress import Display, Progress
from assetbook.platform.stepthread import Room
from assetbook.platform.trigger import USER_TAG, reason_tag

SIGNAL_POLL = 0.2  # seconds between two looks for a signal


@dataclass(eq=False)
class _Batch:
    """Tasks that run together, as a Dagster run that is recorded already."""

    tasks: list[Planned]
    job: dg.JobDefinition
    steps: ExecutionPlan
    run: DagsterRun
    events: list[DagsterEvent] = field(default_factory=list)
    error: BaseException | None = None
    thread: threading.Thread | None = None


class Runner:
    """Runs the batches of a plan, as many at once as there are cores."""

    def __init__(self, definitions: dg.Definitions, instance: DagsterInstance, *, display: Display) -> None:
        """Make a runner.

        Args:
            definitions: the workspace as Dagster sees it.
            instance: where the runs are recorded.
            display: shows what happens.
        """
        self._definitions = definitions
        self._instance = _configured_once(instance)
        self._display = display
        self._room = Room()
        self._stop = threading.Event()
        self._running: set[_Batch] = set()
        self._ended: SimpleQueue[_Batch] = SimpleQueue()
        self._invocation = uuid4().hex[:8]

    def run(self, plan: Plan) -> None:
        """Run the plan to its end; a failure stops only what depends on it.

        Raises:
            KeyboardInterrupt: somebody stopped it; the runs that were going on are recorded as canceled.
        """
        try:
            self._start_batches(plan)
            while self._running:
                self._settle(self._next_ended(), plan)
                self._start_batches(plan)
        except BaseException:
            self._cancel()
            raise
        for planned in plan.tasks:
            self._display.changed(planned)

    def _start_batches(self, plan: Plan) -> None:
        while len(self._running) < self._room.limit and (tasks := plan.next_batch()):
            _prepare_kernels(plan, tasks)
            try:
                batch = self._batch(tasks, plan.parameters)
            except dg.DagsterInvalidConfigError as error:  # an asset of Dagster's own that has no defaults
                for planned in tasks:
                    planned.state, planned.detail = "failed", str(error)
                plan.finish(tasks)
                continue
            self._running.add(batch)
            batch.thread = threading.Thread(
                target=self._execute, args=[batch], name="assetbook-run", daemon=True
            )
            batch.thread.start()

    @cached_property
    def _job(self) -> dg.JobDefinition:
        job = self._definitions.resolve_implicit_global_asset_job_def()
        return job.with_executor_def(executor_for(self._room, self._stop))

    def _batch(self, tasks: list[Planned], parameters: Mapping[str, Mapping[str, Any]]) -> _Batch:
        """Record a run of these tasks, which waits to be executed."""
        keys = [key for planned in tasks for key in planned.task.unit.keys]
        config = _run_config(tasks, parameters)
        tags = merge_run_tags(
            self._job, tasks[0].task.partition, self._tags(tasks), keys, self._instance, config
        )
        job = self._job.get_subset(asset_selection=frozenset(keys))
        steps = create_execution_plan(job, run_config=config, instance_ref=self._instance.get_ref())
        run = self._instance.create_run_for_job(
            job, execution_plan=steps, run_config=config, tags=tags, asset_selection=frozenset(keys)
        )
        return _Batch(tasks, job, steps, run)

    def _tags(self, tasks: list[Planned]) -> dict[str, str]:
        reasons = reason_tag({planned.task.unit.op_name: planned.reason for planned in tasks})
        return {**reasons, **process_tags(), USER_TAG: user(), "assetbook/invocation": self._invocation}

    def _execute(self, batch: _Batch) -> None:
        """Execute a run, on a thread of its own."""
        progress = Progress(batch.tasks, self._display)
        try:
            self._instance.add_event_listener(batch.run.run_id, progress.heard)
            with following(progress):
                batch.events.extend(self._events(batch))
        except BaseException as error:  # noqa: BLE001 - raised again on the thread of `run`
            batch.error = error
        self._ended.put(batch)

    def _events(self, batch: _Batch) -> ExecuteRunWithPlanIterable:
        return ExecuteRunWithPlanIterable(
            execution_plan=batch.steps,
            iterator=job_execution_iterator,
            execution_context_manager=PlanOrchestrationContextManager(
                context_event_generator=orchestration_context_event_generator,
                job=InMemoryJob(batch.job),
                execution_plan=batch.steps,
                dagster_run=batch.run,
                instance=self._instance,
                run_config=batch.run.run_config,
                raise_on_error=False,
            ),
        )

    def _next_ended(self) -> _Batch:
        while True:  # a library may have had signals restart a wait, which they must end here
            with suppress(Empty):
                batch = self._ended.get(timeout=SIGNAL_POLL)
                self._running.discard(batch)
                return batch

    def _settle(self, batch: _Batch, plan: Plan) -> None:
        """Take over what a batch has come to.

        Raises:
            KeyboardInterrupt: one of its steps was interrupted.
        """
        if batch.error is not None:
            raise batch.error
        if self._stop.is_set():
            raise KeyboardInterrupt
        _conclude(batch.tasks, plan, batch.events)
        plan.finish(batch.tasks)
        for planned in batch.tasks:
            self._display.changed(planned)

    def _cancel(self) -> None:
        """End the runs that go on, and have Dagster record them as canceled."""
        for batch in self._running:
            self._instance.report_run_canceling(batch.run, "Stopped by its user.")
        self._stop.set()
        for batch in self._running:
            if batch.thread is not None and batch.thread.is_alive():
                batch.thread.join()


def _configured_once(instance: DagsterInstance) -> DagsterInstance:
    """Return the instance, with the log handlers of its configuration made now and for good.

    It makes them anew for each run by `logging.config`, which locks up against another run that logs meanwhile.
    """
    handlers = instance.get_yaml_python_handlers()
    instance.get_yaml_python_handlers = lambda: handlers  # type: ignore[method-assign]
    return instance


def _prepare_kernels(plan: Plan, tasks: list[Planned]) -> None:
    """Have a kernel started while the run of these tasks is recorded; have warm ones where several notebooks follow."""
    nodes = [p.task.unit.node for p in plan.tasks if not p.finished and p.task.unit.node]
    if len(nodes) > 1:
        warm.warm_up(nodes[0].settings.root)
    chosen = [p.task.unit.node.contract.kernel for p in tasks if p.task.unit.node]
    if any((kernel or "") in DEFAULT for kernel in chosen):
        prepare_kernel(nodes[0].settings.root)


def _conclude(tasks: list[Planned], plan: Plan, events: list[DagsterEvent]) -> None:
    """Say of what did not come to an end of its own why that is; a graph of several steps has none."""
    for planned in tasks:
        if planned.finished:
            continue
        if lost := plan.blocked_by(planned):
            planned.state, planned.reason = "blocked", lost
        elif failure := _run_failure(events):
            planned.state, planned.detail = "failed", failure
        elif planned.state == "running":
            planned.state, planned.detail = "done", ""
        else:
            planned.state, planned.reason = "blocked", "an input was not made"


def _run_failure(events: list[DagsterEvent]) -> str | None:
    """Return why a run failed before its steps, as where a resource cannot be had."""
    for event in events:
        if event.event_type is DagsterEventType.RUN_FAILURE:
            data = event.job_failure_data
            if data.error and data.first_step_failure_event is None:
                return told(data.error)
    return None


def _run_config(batch: list[Planned], parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    ops = {
        planned.task.unit.op_name: {"config": dict(parameters[planned.task.unit.op_name])}
        for planned in batch
        if planned.task.unit.op_name in parameters
    }
    return {"ops": ops, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
