"""One run of a notebook as a Dagster step: pin, run, audit, publish, record.

Nothing becomes visible before the whole notebook has succeeded and its blocking checks hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import dagster as dg

from assetbook.errors import AssetbookError, RunError
from assetbook.execute import NotebookResult, notebook_run
from assetbook.execute.redact import strip_ansi
from assetbook.platform.attempt import Attempt
from assetbook.platform.leftovers import running
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.observer import StepObserver
from assetbook.platform.outcome import Outcome
from assetbook.platform.publishing import publish, track_failure
from assetbook.platform.recording import draft_record, write_failure, write_success
from assetbook.platform.report import links, materializations, page_link

Event = dg.AssetCheckResult | dg.MaterializeResult[Any]


@dataclass(frozen=True)
class Ending:
    """What a step tells Dagster at its end: events, and the error that it fails with."""

    events: Sequence[Event] = ()
    error: BaseException | None = None


def run_step(node: NotebookNode, context: dg.AssetExecutionContext) -> Iterator[Event]:
    """Run the notebook of `node` for the step of `context`; give its checks and materializations.

    Raises:
        dg.Failure: the notebook failed, a blocking check does not hold, or the outputs could not be
            published. Nothing is visible then.
    """
    try:
        attempt = Attempt.begin(node, context)  # pin
        with _running(attempt):
            ending = _run(attempt)
    except AssetbookError as error:
        raise dg.Failure(description=strip_ansi(str(error)), allow_retries=False) from None
    yield from ending.events
    if ending.error is not None:
        raise ending.error from None


def _running(attempt: Attempt) -> Any:
    tables = [o.name for o in attempt.node.contract.outputs if o.kind == "table"]
    return running(
        attempt.folder,
        draft=draft_record(attempt),
        lake=attempt.lake,
        tables=tables,
        marks=attempt.node.settings.running,
        warn=attempt.context.log.warning,
    )


def _run(attempt: Attempt) -> Ending:
    if attempt.mlflow is not None:
        attempt.mlflow.warm_up()
    observer = StepObserver(attempt.context)
    result: NotebookResult | None = None
    with ExitStack() as kernel:  # it ends while its work is published
        try:
            try:
                result = kernel.enter_context(notebook_run(attempt.job(), observer=observer))
            finally:
                observer.flush()
            outcome = Outcome.read(result.events)
            _audit(attempt, result, outcome)
            published = publish(attempt, outcome)
        except asyncio.CancelledError:  # on a thread nothing else can interrupt a notebook
            return _failed(attempt, dg.DagsterExecutionInterruptedError(), observer, result)
        except BaseException as error:  # noqa: BLE001 - given on, also a cancellation, when the record is written
            return _failed(attempt, error, observer, result)
        write_success(attempt, result, outcome, published)
        return Ending(list(materializations(attempt, result, outcome, published)))


def _audit(attempt: Attempt, result: NotebookResult, outcome: Outcome) -> None:
    """Let only a whole notebook pass, with all that it declares and all blocking checks good.

    Raises:
        RunError: why nothing may be published.
    """
    contract = attempt.node.contract
    if result.failure is not None:
        raise RunError(result.failure.message())
    if missing := outcome.missing(contract):
        raise RunError(f"{contract.path}: {' '.join(missing)}")
    if failed := outcome.failed_blocking(contract):
        told = "\n".join(f"  {sentence}" for sentence in outcome.sentences(failed, contract))
        raise RunError(
            f"{contract.path}: a blocking check failed, so nothing was published and the old versions stay.\n{told}\n"
            f"The executed notebook: {result.saved}"
        )


def _failed(
    attempt: Attempt, error: BaseException, observer: StepObserver, result: NotebookResult | None
) -> Ending:
    """Record a run that came to nothing, and say how the step ends."""
    cancelled = not isinstance(error, Exception)
    outcome = Outcome.read(observer.events)
    message = strip_ansi(attempt.redactor.text(str(error) or type(error).__name__))
    write_failure(
        attempt,
        outcome,
        status="cancelled" if cancelled else "failure",
        message=message,
        cells=observer.cells,
        result=result,
        mlflow_run=None if cancelled else _tracked(attempt, outcome),
    )
    if not isinstance(error, AssetbookError):
        return Ending(error=error)
    facts = page_link(attempt) | links(attempt)
    if result is not None and result.failure is not None:
        facts |= {"cell": result.failure.cell, "error": result.failure.error}
        if result.failure.traceback:
            facts["traceback"] = dg.MetadataValue.md(f"```\n{result.failure.traceback}\n```")
    checks = outcome.check_results(attempt.node.contract)
    return Ending(checks, dg.Failure(description=message, metadata=facts))


def _tracked(attempt: Attempt, outcome: Outcome) -> str | None:
    try:
        return track_failure(attempt, outcome)
    except AssetbookError as error:  # why the notebook failed is what must be told first
        attempt.context.log.warning(str(error))
        return None
