"""Writing the record of a run, and its notebook as a page for readers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from assetbook.errors import RunError
from assetbook.execute import CellFailure, CellRun, NotebookResult, html
from assetbook.platform.attempt import Attempt
from assetbook.platform.outcome import Outcome
from assetbook.platform.page_facts import page_facts
from assetbook.platform.publishing import Published
from assetbook.platform.report import data_version
from assetbook.platform.trigger import trigger
from assetbook.record import FILE, HTML, NOTEBOOK, Record, Status, environment, git_commit

UNFINISHED = (
    "The step ended before it could write its record: its process was killed, or the disk was full. "
    "Dagster's events and the history of the tables say whether it had published."
)


def draft_record(attempt: Attempt) -> Record:
    """Return the record of a run that has only begun, as it shall stand if the run cannot write its own."""
    return _record(attempt, Outcome(), status="failure", failure=_unpublished("killed", UNFINISHED))


def write_success(attempt: Attempt, result: NotebookResult, outcome: Outcome, published: Published) -> None:
    """Write the record of a run that has published; the tables stand, whatever becomes of the record."""
    record = _record(
        attempt, outcome, status="success", cells=result.cells, result=result, published=published
    )
    _write(attempt, record)


def write_failure(
    attempt: Attempt,
    outcome: Outcome,
    *,
    status: Status,
    message: str,
    cells: Sequence[CellRun],
    result: NotebookResult | None,
    mlflow_run: str | None,
) -> None:
    """Write the record of a run that came to nothing.

    Args:
        attempt: the run.
        outcome: what the notebook had given until then.
        status: failure, or cancelled.
        message: why.
        cells: those that came to their end.
        result: how the notebook went; None if its run was broken off.
        mlflow_run: the id of MLflow's run.
    """
    failure = _cell_failure(result.failure) if result and result.failure else None
    record = _record(
        attempt,
        outcome,
        status=status,
        cells=result.cells if result else cells,
        result=result,
        failure=failure or _unpublished("not published" if result else "broken off", message),
        mlflow_run=mlflow_run,
    )
    _write(attempt, record)


def _write(attempt: Attempt, record: Record) -> None:
    """Write record and page; a page that cannot be made, or a full disk now, undoes no run."""
    try:
        record.write(attempt.folder / FILE)
        if (attempt.folder / NOTEBOOK).exists():
            html.render(
                attempt.folder / NOTEBOOK,
                attempt.folder / HTML,
                title=attempt.node.contract.title or record.name,
                facts=page_facts(record),
            )
    except RunError as error:
        attempt.context.log.warning(str(error))


def _record(
    attempt: Attempt,
    outcome: Outcome,
    *,
    status: Status,
    cells: Sequence[CellRun] = (),
    result: NotebookResult | None = None,
    published: Published | None = None,
    failure: Mapping[str, Any] | None = None,
    mlflow_run: str | None = None,
) -> Record:
    context, contract = attempt.context, attempt.node.contract
    started, finished = datetime.fromtimestamp(attempt.started, UTC), datetime.now(UTC)
    run_id = published.mlflow_run if published else mlflow_run
    return Record(
        name=attempt.node.record_name,
        notebook=contract.path.as_posix(),
        status=status,
        started=started.isoformat(timespec="milliseconds"),
        finished=finished.isoformat(timespec="milliseconds"),
        seconds=round((finished - started).total_seconds(), 3),
        code_version=contract.code_version,
        assets=tuple(output.name for output in contract.outputs),
        partition=attempt.partition,
        parameters=attempt.shown_parameters,
        inputs={
            name: {**facts, "read": sorted(outcome.loads.get(name, ()), key=str)}
            for name, facts in attempt.inputs.items()
        },
        outputs=_outputs(attempt, outcome, published),
        checks=_checks(attempt, outcome),
        metrics=outcome.metrics,
        cells=tuple(_cell(cell) for cell in cells),
        peak_memory_mb=result.peak_memory_mb if result else None,
        shared_memory_mb=result.shared_memory_mb if result else None,
        failure=failure,
        dagster={
            "run_id": context.run.run_id,
            "step": context.op_execution_context.op_handle.name,
            "retry": context.op_execution_context.retry_number,
            "trigger": trigger(context.run.tags, attempt.node.op_name),
        },
        mlflow={"run_id": run_id} if run_id else None,
        environment={**environment(), **_kernel(attempt)},
        git=git_commit(attempt.node.settings.root),
    )


def _outputs(attempt: Attempt, outcome: Outcome, published: Published | None) -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    for output in attempt.node.contract.outputs:
        entry: dict[str, Any] = {"kind": output.kind}
        if output.name in outcome.saves:
            entry["rows"] = outcome.saves[output.name]["staged"]["rows"]
        if published is not None:
            entry["data_version"] = data_version(attempt, output, published)
            if output.kind == "table":
                entry["version"] = published.tables[output.name].version
            if output.kind == "model":
                entry["version"] = published.models[output.name].version
        facts[output.name] = entry
    return facts


def _checks(attempt: Attempt, outcome: Outcome) -> tuple[dict[str, Any], ...]:
    blocking = {(c.asset, c.name): c.blocking for c in attempt.node.contract.checks}
    return tuple(
        {
            "asset": asset,
            "name": name,
            "passed": bool(event["passed"]),
            "blocking": blocking.get((asset, name), True),
            "description": event.get("description"),
            "failing_rows": event.get("count"),
        }
        for (asset, name), event in outcome.checks.items()
    )


def _cell(cell: CellRun) -> dict[str, Any]:
    return {**asdict(cell), "seconds": round(cell.seconds, 3), "memory_mb": cell.memory_mb or None}


def _kernel(attempt: Attempt) -> dict[str, Any]:
    """Return what the notebook itself ran on, as its saved copy says."""
    try:
        saved = json.loads((attempt.folder / NOTEBOOK).read_text("utf-8"))["metadata"]
    except (OSError, ValueError, KeyError):  # it had not come so far
        return {"kernel": attempt.node.contract.kernel, "kernel_python": None}
    return {
        "kernel": saved.get("kernelspec", {}).get("name"),
        "kernel_python": saved.get("language_info", {}).get("version"),
    }


def _unpublished(reason: str, message: str) -> dict[str, Any]:
    return {"reason": reason, "message": message}


def _cell_failure(failure: CellFailure) -> dict[str, Any]:
    return {
        "reason": failure.reason,
        "cell": failure.cell,
        "line": failure.line,
        "source": failure.source,
        "error": failure.error,
        "traceback": failure.traceback,
        "message": failure.message(),
    }
