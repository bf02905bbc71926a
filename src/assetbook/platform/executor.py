"""Steps as threads of the run's own process: a notebook works in its kernel, so several run at once.

Five empty steps in processes of their own cost Dagster more than ten seconds, in threads next to nothing. A
step that is no notebook works in this process too, and so one at a time: such steps share its standard output
and Python's lock. Who wants them in parallel sets ``executor`` in ``resources/*.py`` to Dagster's own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Empty

import dagster as dg
from dagster import DagsterEvent, Executor
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.execution.api import ExecuteRunWithPlanIterable
from dagster._core.execution.context.system import PlanExecutionContext, PlanOrchestrationContext
from dagster._core.execution.context_creation_job import PlanExecutionContextManager
from dagster._core.execution.plan.active import ActiveExecution
from dagster._core.execution.plan.execute_plan import _trigger_hook
from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode

from assetbook.platform.instance import tag_process
from assetbook.platform.stepthread import Reports, Room, StepThread

POLL = 0.2  # seconds between two looks for an interrupt, a retry that is due, or room in a pool


@dg.executor(
    name="assetbook",
    config_schema={
        "max_concurrent": dg.Field(
            int, default_value=0, description="Notebooks that run at once; 0: as many as there are cores."
        )
    },
)
def parallel_notebooks(context: dg.InitExecutorContext) -> Executor:
    """Run the steps of a run in its process, notebooks in parallel."""
    return ThreadExecutor(Room(int(context.executor_config["max_concurrent"])))  # type: ignore[call-overload]


def executor_for(room: Room, stop: threading.Event) -> dg.ExecutorDefinition:
    """Return an executor for several runs of one process, which share its room and are stopped together."""
    return dg.ExecutorDefinition(
        "assetbook", executor_creation_fn=lambda _: ThreadExecutor(room, stop=stop), config_schema={}
    )


class ThreadExecutor(Executor):
    """Runs the steps of one run on threads."""

    def __init__(self, room: Room, *, stop: threading.Event | None = None) -> None:
        """Make an executor.

        Args:
            room: how much runs at once.
            stop: says that somebody wants the end; besides the signals that Dagster hears on the main thread.
        """
        self._room = room
        self._stop = stop or threading.Event()

    @property
    def retries(self) -> RetryMode:
        """Steps are tried again by this executor."""
        return RetryMode.ENABLED

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[DagsterEvent]:
        """Run the plan; give the events of all its steps as they come."""
        resources = PlanExecutionContextManager(
            job=plan_context.job,
            retry_mode=plan_context.retry_mode,
            execution_plan=execution_plan,
            run_config=plan_context.run_config,
            dagster_run=plan_context.dagster_run,
            instance=plan_context.instance,
            raise_on_error=plan_context.raise_on_error,
            output_capture=plan_context.output_capture,
        )
        yield from ExecuteRunWithPlanIterable(
            execution_plan=execution_plan, iterator=self._iterate, execution_context_manager=resources
        )

    def _iterate(
        self, job_context: PlanExecutionContext, execution_plan: ExecutionPlan
    ) -> Iterator[DagsterEvent]:
        tag_process(job_context.instance, job_context.dagster_run)
        pools = InstanceConcurrencyContext(job_context.instance, job_context.dagster_run)
        with (
            pools,
            execution_plan.start(
                retry_mode=job_context.retry_mode, instance_concurrency_context=pools
            ) as active,
        ):
            yield from _Steps(job_context, active, room=self._room, stop=self._stop).run()


class _Steps:
    """The threads of one run."""

    def __init__(
        self,
        context: PlanExecutionContext,
        active: ActiveExecution,
        *,
        room: Room,
        stop: threading.Event,
    ) -> None:
        self._context = context
        self._active = active
        self._room = room
        self._stop = stop
        self._reports = Reports()
        self._threads: dict[StepThread, list[DagsterEvent]] = {}
        self._stopping = False

    def run(self) -> Iterator[DagsterEvent]:
        try:
            while self._threads or not (self._stopping or self._active.is_complete):
                self._notice_stop()
                if not self._stopping:
                    yield from self._start()
                yield from self._hear()
        except BaseException:
            for thread in self._threads:
                thread.interrupt()
            for thread in self._threads:
                thread.join()
            raise
        if self._stopping:
            raise DagsterExecutionInterruptedError

    def _notice_stop(self) -> None:
        if self._stopping or not (self._active.check_for_interrupts() or self._stop.is_set()):
            return
        self._stopping = True
        self._active.mark_interrupted()
        for thread in self._threads:
            thread.interrupt()

    def _start(self) -> Iterator[DagsterEvent]:
        """Start the steps whose turn it is."""
        free = self._room.limit - len(self._threads)
        for step in self._active.get_steps_to_execute(limit=free) if free else ():
            context = self._context.for_step(step, self._active.get_known_state())
            thread = StepThread(context, room=self._room, reports=self._reports)
            self._threads[thread] = []
            thread.start()
        yield from self._active.concurrency_event_iterator(self._context)
        yield from self._active.plan_events_iterator(self._context)

    def _hear(self) -> Iterator[DagsterEvent]:
        """Give the next events, until a step has ended or nothing more is said for now."""
        while True:
            try:
                thread, event = self._reports.get(timeout=POLL)
            except Empty:
                return
            if event is None:
                yield from self._end(thread)
                return
            self._threads[thread].append(event)
            yield event
            self._active.handle_event(event)

    def _end(self, thread: StepThread) -> Iterator[DagsterEvent]:
        thread.join()
        events = self._threads.pop(thread)
        if isinstance(thread.error, DagsterExecutionInterruptedError | KeyboardInterrupt):
            self._stop.set()  # whoever has interrupted this step wants the whole run to end
        elif thread.error is not None:
            raise thread.error
        if not self._stopping and not self._stop.is_set():
            self._active.verify_complete(self._context, thread.step.step.key)
        yield from self._active.plan_events_iterator(self._context)
        yield from _trigger_hook(thread.step, events)
