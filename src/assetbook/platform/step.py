"""One run of a notebook as a Dagster step: pin, run, audit, publish, record.

Nothing becomes visible before the whole notebook has succeeded and its blocking checks hold. The order at
the end is: MLflow's run and model version, the lake's tables, the record, Dagster's events; what was
registered is taken back when the lake refuses.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from assetbook.contract.parameters import resolve_parameters
from assetbook.errors import AssetbookError
from assetbook.execute import NotebookJob, NotebookResult, run_notebook
from assetbook.lake import Lake, TableVersion
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.observer import StepObserver
from assetbook.platform.outcome import Outcome
from assetbook.platform.pins import input_facts, pin_inputs
from assetbook.platform.report import Published, materializations, write_record
from assetbook.platform.tracking import MlflowResource
from assetbook.session.context import DeclaredCheck, DeclaredOutput, Pin, RunContext
from assetbook.session.events import EventReader

Event = dg.AssetCheckResult | dg.MaterializeResult[Any]
HIDDEN = "***"
EVENTS = "events.jsonl"
ARTIFACTS = "artifacts"


@dataclass(frozen=True)
class Step:
    """Everything that one run of one notebook works with."""

    node: NotebookNode
    context: dg.AssetExecutionContext
    lake: Lake
    mlflow: MlflowResource | None
    parameters: Mapping[str, Any]
    pins: Mapping[str, Pin]
    folder: Path
    started: float

    @property
    def key(self) -> str | None:
        """The partition of this run, or None."""
        return self.context.partition_key if self.context.has_partition_key else None

    @property
    def inputs(self) -> dict[str, dict[str, Any]]:
        """Version and data version of each input."""
        return input_facts(self.node, self.pins, self.key)

    @property
    def shown_parameters(self) -> dict[str, Any]:
        """The parameters with the secret ones hidden."""
        secrets = self.node.contract.options.secrets
        return {
            p.name: HIDDEN if p.name in secrets else p.to_config(self.parameters[p.name])
            for p in self.node.contract.parameters
        }


def run_step(node: NotebookNode, context: dg.AssetExecutionContext) -> Iterator[Event]:
    """Run the notebook of `node` for the step of `context`; give its checks and materializations.

    Raises:
        dg.Failure: the notebook failed, a blocking check does not hold, or the outputs could not be
            published. Nothing is visible then.
    """
    step = _prepare(node, context)
    job = _job(step)
    importing = step.mlflow.warm_up() if step.mlflow else None
    observer = StepObserver(context)
    try:
        result = run_notebook(job, observer=observer)
        observer.flush()
        if importing:
            importing.join()
        outcome = Outcome.read(result.events)
        trouble = _trouble(step, result, outcome)
        if trouble is None:
            published = _publish(step, result, outcome)
    except AssetbookError as error:
        _clean(step)
        raise dg.Failure(description=str(error)) from None
    except BaseException:
        _clean(step)
        raise
    if trouble is None:
        _clean(step)
        write_record(step, result, outcome, published)
        yield from materializations(step, result, outcome, published)
    else:
        _clean(step)
        yield from outcome.check_results(node.contract)
        _fail(step, result, outcome, trouble)


def _prepare(node: NotebookNode, context: dg.AssetExecutionContext) -> Step:
    storage = context.resources.io_manager
    lake = Lake(storage.root, storage_options=storage.storage_options)
    mlflow = getattr(context.resources, "mlflow", None)
    started = time.time()
    try:
        given = dict(context.op_execution_context.op_config or {})
        if node.partitions:
            given[node.partitions.parameter] = context.partition_key
        parameters = resolve_parameters(node.contract, given)
        pins = pin_inputs(node, lake=lake, mlflow=mlflow)
    except AssetbookError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(started)) + f".{int(started * 1000) % 1000:03d}"
    retry = f"-retry{context.op_execution_context.retry_number}" if context.op_execution_context.retry_number else ""
    folder = node.settings.records / node.record_name / f"{stamp}-{context.run.run_id[:8]}{retry}"
    return Step(node, context, lake, mlflow, parameters, pins, folder, started)


def _job(step: Step) -> NotebookJob:
    contract, settings, folder = step.node.contract, step.node.settings, step.folder
    run_context = RunContext(
        run_id=step.context.run.run_id,
        asset=contract.name,
        notebook=str(contract.path),
        root=str(settings.root),
        lake=str(step.lake.root),
        storage_options=dict(step.lake.storage_options or {}),
        events=str(folder / EVENTS),
        artifacts=str(folder / ARTIFACTS),
        group=step.node.group(contract.outputs[0]),
        partition=step.key,
        pins=step.pins,
        outputs={
            o.name: DeclaredOutput(kind=o.kind, group=step.node.group(o), partition=step.key)
            for o in contract.outputs
            if o.kind != "report"
        },
        checks=tuple(DeclaredCheck(asset=c.asset, name=c.name, blocking=c.blocking) for c in contract.checks),
    )
    return NotebookJob(
        notebook=settings.root / contract.path,
        run_dir=folder,
        root=settings.root,
        parameters=step.parameters,
        context=run_context,
        secrets={name: str(step.parameters[name]) for name in contract.options.secrets},
        timeout=contract.options.timeout,
        memory=contract.options.memory,
        kernel=contract.kernel,
        asset=contract.name,
    )


def _trouble(step: Step, result: NotebookResult, outcome: Outcome) -> str | None:
    """Return why nothing may be published, or None."""
    if result.failure is not None:
        return result.failure.message()
    contract = step.node.contract
    missing = outcome.missing(contract)
    if missing:
        return f"{contract.path}: " + " ".join(missing)
    failed = outcome.failed_blocking(contract)
    if failed:
        names = ", ".join(f"{name!r} on {asset!r}" for asset, name in failed)
        return (
            f"{contract.path}: blocking check {names} failed, so nothing was published and the old versions stay. "
            f"The executed notebook is {result.saved}."
        )
    return None


def _publish(step: Step, result: NotebookResult, outcome: Outcome) -> Published:
    """Log to MLflow, register models and commit tables; take the models back if the tables fail."""
    registered: list[tuple[str, str]] = []
    try:
        if step.mlflow is None:
            return Published(tables=_commit(step, outcome))
        with step.mlflow.run(step.context, name=step.node.contract.name, started=step.started) as mlflow:
            run_id = str(mlflow.active_run().info.run_id)
            _log(step, result, outcome, mlflow)
            versions = {}
            for name, event in outcome.models.items():
                data_version = content_hash(Path(event["path"]))
                version, new = step.mlflow.register(
                    name,
                    Path(event["path"]),
                    run_id=run_id,
                    data_version=data_version,
                    tags=_model_tags(step),
                )
                registered += [(name, version)] if new else []
                versions[name] = (version, data_version)
            return Published(tables=_commit(step, outcome), models=versions, mlflow_run=run_id)
    except BaseException as error:
        for name, version in registered:
            assert step.mlflow is not None
            step.mlflow.unregister(name, version)
        if isinstance(error, AssetbookError):
            write_record(step, result, outcome, None, trouble=str(error))
            raise dg.Failure(description=str(error), metadata=_where(step, result)) from error
        raise


def _commit(step: Step, outcome: Outcome) -> dict[str, TableVersion]:
    contract = step.node.contract
    stamp = {
        "run_id": step.context.run.run_id,
        "notebook": str(contract.path),
        "code_version": contract.code_version,
        **({"partition": step.key} if step.key else {}),
    }
    return {table.name: table for table in step.lake.publish(outcome.staged, stamp=stamp)}


def _log(step: Step, result: NotebookResult, outcome: Outcome, mlflow: Any) -> None:
    mlflow.log_params({name: str(value)[:6000] for name, value in step.shown_parameters.items()})
    mlflow.log_metrics({k: float(v) for k, v in outcome.metrics.items()})
    mlflow.set_tags(
        {
            **{f"input.{n}": f"{f['version']} {f['data_version']}" for n, f in step.inputs.items()},
            "code_version": step.node.contract.code_version,
            "notebook": str(step.node.contract.path),
        }
    )
    mlflow.log_artifact(str(result.saved))


def _model_tags(step: Step) -> dict[str, str]:
    tags = {f"input.{n}": str(f["data_version"]) for n, f in step.inputs.items()}
    return {**tags, "record": str(step.folder), "code_version": step.node.contract.code_version}


def content_hash(folder: Path) -> str:
    """Return a hash over the files of a model that make its predictions.

    MLflow's own descriptions (``MLmodel`` and environment files) carry times and random ids: they are left out.
    """
    digest = hashlib.sha256()
    described = {"MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt"}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in described):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _clean(step: Step) -> None:
    """Remove what only the run itself needed: staged files that no commit names, the events, the models."""
    events = step.folder / EVENTS
    step.lake.discard(Outcome.read(EventReader(events).poll()).staged)
    events.unlink(missing_ok=True)
    shutil.rmtree(step.folder / ARTIFACTS, ignore_errors=True)


def _fail(step: Step, result: NotebookResult, outcome: Outcome, trouble: str) -> None:
    run_id = None
    if step.mlflow is not None:
        with step.mlflow.run(
            step.context, name=step.node.contract.name, started=step.started, failed=True
        ) as mlflow:
            run_id = str(mlflow.active_run().info.run_id)
            _log(step, result, outcome, mlflow)
    write_record(step, result, outcome, None, trouble=trouble, mlflow_run=run_id)
    raise dg.Failure(description=trouble, metadata=_where(step, result)) from None


def _where(step: Step, result: NotebookResult) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "notebook": dg.MetadataValue.notebook(str(result.saved)),
        "record": dg.MetadataValue.path(str(step.folder)),
    }
    if result.failure is not None:
        facts["cell"] = result.failure.cell
        facts["error"] = result.failure.error
        facts["traceback"] = dg.MetadataValue.md(f"```\n{result.failure.traceback}\n```")
    return facts
