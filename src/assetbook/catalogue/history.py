"""What Dagster remembers of assets that are no notebooks, and of all checks, asked in few queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import dagster as dg
from dagster import DagsterEventType, DagsterRun, DagsterRunStatus
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

from assetbook.catalogue.model import Check, Run
from assetbook.catalogue.space import Space
from assetbook.platform.latest import Made
from assetbook.platform.progress import failure_text
from assetbook.platform.trigger import trigger
from assetbook.platform.units import Unit
from assetbook.words import number

AT_ONCE = 500  # ids in one query
SHOWN = 6  # values that a check has noted


class History:
    """Answers for one state of the instance."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._steps: dict[str, Mapping[str, float | None]] = {}

    # ---- runs

    def runs(self, key: dg.AssetKey, unit: Unit) -> tuple[Run, ...]:
        """Return the last run of an asset that succeeded, and before it a later one that failed."""
        made = self._space.currency.latest.newest(key)
        last = self._runs.get(self._last_run_ids.get(key, ""))
        failed = None if last is None or (made and made.run_id == last.run_id) else self._failed(last, unit)
        return tuple(run for run in (failed, self._made(made, unit) if made else None) if run)

    def _made(self, made: Made, unit: Unit) -> Run:
        run = self._runs.get(made.run_id)
        told = made.metadata.get("why") or (trigger(run.tags, unit.op_name)["sentence"] if run else "")
        inputs = {
            name: f"version {facts['version']}"
            for name, facts in (made.inputs or {}).items()
            if facts.get("version") is not None
        }
        return Run(
            at=datetime.fromtimestamp(made.at, UTC),
            status="success",
            seconds=self._seconds(made.run_id, unit),
            why=str(told),
            partition=made.partition,
            run_id=made.run_id,
            inputs=inputs,
        )

    def _failed(self, run: DagsterRun, unit: Unit) -> Run | None:
        """Return the run if it failed at this very asset."""
        if run.status not in (DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED):
            return None
        found = next(self._failures(run.run_id, unit), None)
        if found is None:
            return None
        at, message = found
        return Run(
            at=datetime.fromtimestamp(at, UTC),
            status="failure",
            seconds=self._seconds(run.run_id, unit),
            why=trigger(run.tags, unit.op_name)["sentence"],
            partition=run.tags.get("dagster/partition"),
            run_id=run.run_id,
            message=message,
        )

    def _failures(self, run_id: str, unit: Unit) -> Iterator[tuple[float, str]]:
        instance = self._space.instance
        for record in instance.get_records_for_run(run_id, of_type=DagsterEventType.STEP_FAILURE).records:
            event = record.event_log_entry.dagster_event
            if event is not None and (event.step_key or "").partition(".")[0] == unit.op_name:
                yield record.event_log_entry.timestamp, failure_text(event)

    def _seconds(self, run_id: str, unit: Unit) -> float | None:
        if run_id not in self._steps:
            self._steps[run_id] = {
                step.step_key: step.end_time - step.start_time if step.start_time and step.end_time else None
                for step in self._space.instance.get_run_step_stats(run_id)
            }
        return self._steps[run_id].get(unit.op_name)

    @cached_property
    def _last_run_ids(self) -> dict[dg.AssetKey, str]:
        keys = [key for key, unit in self._space.unit_of.items() if unit.node is None]
        entries = (record.asset_entry for record in self._space.instance.get_asset_records(keys))
        return {entry.asset_key: entry.last_run_id for entry in entries if entry.last_run_id}

    @cached_property
    def _runs(self) -> dict[str, DagsterRun]:
        """The runs that have to do with assets that are no notebooks."""
        latest = self._space.currency.latest
        made = (latest.newest(key) for key, unit in self._space.unit_of.items() if unit.node is None)
        ids = list(dict.fromkeys([*(m.run_id for m in made if m), *self._last_run_ids.values()]))
        found = (
            run
            for start in range(0, len(ids), AT_ONCE)
            for run in self._space.instance.get_runs(dg.RunsFilter(run_ids=ids[start : start + AT_ONCE]))
        )
        return {run.run_id: run for run in found}

    # ---- checks

    def checks(self, key: dg.AssetKey, *, discreet: bool) -> tuple[Check, ...]:
        """Return the checks of an asset, each with its last outcome.

        Args:
            key: of the asset.
            discreet: whether the asset has sensitive columns, so that only numbers are told.
        """
        graph = self._space.graph
        keys = sorted(graph.get(key).check_keys, key=lambda check: check.name)
        return tuple(_check(graph.get_check_spec(k), self._evaluated.get(k), discreet) for k in keys)

    @cached_property
    def _evaluated(self) -> dict[dg.AssetCheckKey, AssetCheckExecutionRecord]:
        """The last outcome of each check; of one that was planned and never came about, the one before."""
        storage = self._space.instance.event_log_storage
        newest = storage.get_latest_asset_check_execution_by_key(list(self._space.graph.asset_check_keys))
        found = {key: record for key, record in newest.items() if _is_outcome(record)}
        planned = [key for key in newest if key not in found]
        for key, summary in storage.get_asset_check_summary_records(planned).items() if planned else ():
            if summary.last_completed_check_execution_record is not None:
                found[key] = summary.last_completed_check_execution_record
        return found


def _is_outcome(record: AssetCheckExecutionRecord) -> bool:
    return isinstance(record.evaluation, dg.AssetCheckEvaluation)


def _check(spec: dg.AssetCheckSpec, record: AssetCheckExecutionRecord | None, discreet: bool) -> Check:
    declared = spec.description or ""
    if record is None or record.evaluation is None or record.event is None:
        return Check(spec.name, declared, blocking=spec.blocking)
    outcome = record.evaluation
    said = [outcome.description] if outcome.description and outcome.description != declared else []
    noted = [f"{name}: {value}" for name, value in _plain(outcome.metadata, discreet)][:SHOWN]
    return Check(
        name=spec.name,
        description=declared,
        passed=outcome.passed,
        blocking=spec.blocking,
        at=datetime.fromtimestamp(record.event.timestamp, UTC),
        detail="\n".join([*(said if outcome.passed or not discreet else []), " · ".join(noted)]).strip(),
    )


def _plain(metadata: Mapping[str, Any], discreet: bool) -> Iterable[tuple[str, str]]:
    for name, entry in metadata.items():
        value = entry.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, number(value)
        elif not discreet and isinstance(entry, dg.TextMetadataValue) and "\n" not in str(value):
            yield name, str(value)
