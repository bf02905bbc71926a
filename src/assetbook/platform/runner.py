"""Running a plan: each batch as one Dagster run in this process, recorded in the instance."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, DagsterInstance

from assetbook.platform.observer import following
from assetbook.platform.plan import Plan, Planned
from assetbook.platform.trigger import USER_TAG, reason_tag
from assetbook.settings import Settings

INSTANCE_CONFIG = """\
telemetry:
  enabled: false
nux:
  enabled: false
run_retries:
  enabled: true
  retry_on_asset_or_op_failure: false
"""


class Display(Protocol):
    """Somebody who shows a plan while it runs."""

    def changed(self, planned: Planned) -> None:
        """Show the new state of a task."""


def open_instance(settings: Settings) -> DagsterInstance:
    """Return the workspace's Dagster instance, making its home on first use.

    ``DAGSTER_HOME`` goes before the workspace's own. A ``dagster.yaml`` that is there is left as it is.
    """
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    if not config.exists():
        config.write_text(INSTANCE_CONFIG, "utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    return DagsterInstance.get()


@dataclass
class Runner:
    """Runs the batches of a plan one after the other.

    Attributes:
        definitions: the workspace as Dagster sees it.
        instance: where the runs are recorded.
        display: shows what happens.
    """

    definitions: dg.Definitions
    instance: DagsterInstance
    display: Display

    def run(self, plan: Plan) -> None:
        """Run the plan to its end; a failure stops only what depends on it.

        Raises:
            KeyboardInterrupt: the person stopped it; the running batch is recorded as such.
        """
        invocation = uuid4().hex[:8]
        for batch in plan.batches():
            self._run_batch(batch, plan, invocation)
        for planned in plan.tasks:
            self.display.changed(planned)

    def _run_batch(self, batch: list[Planned], plan: Plan, invocation: str) -> None:
        job = self.definitions.resolve_implicit_global_asset_job_def()
        started = time.monotonic()
        for planned in batch:
            planned.state = "running"
            self.display.changed(planned)
        follower = _Follower(batch, self.display)
        with following(follower):
            result = job.execute_in_process(
                instance=self.instance,
                asset_selection=[key for planned in batch for key in planned.task.unit.keys],
                partition_key=batch[0].task.partition,
                run_config=_run_config(batch, plan.parameters),
                tags=_tags(batch, invocation),
                raise_on_error=False,
            )
        _settle(batch, result.all_events, time.monotonic() - started)
        for planned in batch:
            plan.currency.forget(planned.task.unit, planned.task.partition)
            self.display.changed(planned)


class _Follower:
    """Turns the cells of a running notebook into the detail of its task."""

    def __init__(self, batch: list[Planned], display: Display) -> None:
        self._tasks = {planned.task.unit.op_name: planned for planned in batch}
        self._display = display

    def cell_started(self, op_name: str, number: int, total: int) -> None:
        planned = self._tasks.get(op_name)
        if planned:
            planned.detail = f"cell {number} of {total}"
            self._display.changed(planned)


def _settle(batch: list[Planned], events: Sequence[DagsterEvent], seconds: float) -> None:
    by_step: dict[str, list[DagsterEvent]] = {}
    for event in events:
        if event.step_key:
            by_step.setdefault(event.step_key, []).append(event)
    for planned in batch:
        own = by_step.get(planned.task.unit.op_name, [])
        kinds = {event.event_type for event in own}
        planned.detail = ""
        for event in own:
            if event.event_type is DagsterEventType.STEP_SUCCESS:
                planned.seconds = event.step_success_data.duration_ms / 1000
            if event.event_type is DagsterEventType.STEP_FAILURE:
                planned.detail = _failure_text(event)
        if DagsterEventType.STEP_SUCCESS in kinds:
            planned.state = "done"
        elif DagsterEventType.STEP_FAILURE in kinds:
            planned.state, planned.seconds = "failed", seconds
        else:
            planned.state, planned.reason = "blocked", "an input failed in the same run"


def _failure_text(event: DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error else "failed without a message"


def _run_config(batch: list[Planned], parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    ops = {
        planned.task.unit.op_name: {"config": dict(parameters[planned.task.unit.op_name])}
        for planned in batch
        if planned.task.unit.op_name in parameters
    }
    return {"ops": ops, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def _tags(batch: list[Planned], invocation: str) -> dict[str, str]:
    reasons = reason_tag({planned.task.unit.op_name: planned.reason for planned in batch})
    return {**reasons, USER_TAG: getpass.getuser(), "assetbook/invocation": invocation}
