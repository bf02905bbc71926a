"""What a run tells afterwards: the record on disk, the metadata of each materialization, the readable page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import dagster as dg

from assetbook.contract import Output
from assetbook.errors import RunError
from assetbook.execute import NotebookResult, html
from assetbook.lake import TableVersion
from assetbook.platform.outcome import Outcome, markdown_table
from assetbook.platform.trigger import trigger
from assetbook.record import HTML, Record, environment

if TYPE_CHECKING:
    from assetbook.platform.step import Step

INPUTS_KEY = "assetbook/inputs"
FIGURES_SHOWN = 4
FIGURE_LIMIT = 400_000  # characters of base64: each figure is stored in Dagster's event log


@dataclass(frozen=True)
class Published:
    """What a successful run has made visible: table versions, model (version, data version), MLflow's run."""

    tables: Mapping[str, TableVersion] = field(default_factory=dict)
    models: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    mlflow_run: str | None = None


def write_record(
    step: Step,
    result: NotebookResult,
    outcome: Outcome,
    published: Published | None,
    *,
    trouble: str | None = None,
    mlflow_run: str | None = None,
) -> Record:
    """Write the record of a run and render its notebook for readers.

    Args:
        step: the run.
        result: how the notebook went.
        outcome: what it reported.
        published: what became visible; None if nothing did.
        trouble: why nothing did.
        mlflow_run: MLflow's run where nothing was published.
    """
    record = _record(step, result, outcome, published, trouble, mlflow_run)
    record.write(step.folder)
    try:
        html.render(
            result.saved,
            step.folder / HTML,
            title=step.node.contract.title or record.name,
            facts=_facts(record),
        )
    except RunError as error:
        step.context.log.warning(str(error))  # the run itself is good: its notebook can still be opened
    return record


def materializations(
    step: Step, result: NotebookResult, outcome: Outcome, published: Published
) -> Iterator[dg.MaterializeResult[Any]]:
    """Give Dagster one materialization for each output, with its checks."""
    checks = outcome.check_results(step.node.contract)
    common = _common_metadata(step, result)
    for position, output in enumerate(step.node.contract.outputs):
        own = _own_metadata(output, outcome, published)
        figures = _figures(result) if position == 0 else {}
        key = dg.AssetKey(output.name.split("/"))
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={**own, **common, **figures},
            data_version=dg.DataVersion(_data_version(step, output, published)),
            check_results=[c for c in checks if c.asset_key == key],
        )


def _data_version(step: Step, output: Output, published: Published) -> str:
    if output.kind == "table":
        table = published.tables[output.name]
        return table.partitions[step.key] if step.key else table.data_version
    if output.kind == "model":
        return published.models[output.name][1]
    return report_version(step.node.contract.code_version, step.shown_parameters, step.inputs)


def report_version(code: str, parameters: Mapping[str, Any], inputs: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the data version of a report: it is the same as long as code, parameters and inputs are."""
    from hashlib import sha256

    read = {name: facts["data_version"] for name, facts in inputs.items()}
    return sha256(json.dumps([code, parameters, read], sort_keys=True, default=str).encode()).hexdigest()[:32]


def _record(
    step: Step,
    result: NotebookResult,
    outcome: Outcome,
    published: Published | None,
    trouble: str | None,
    mlflow_run: str | None,
) -> Record:
    context, contract = step.context, step.node.contract
    run_id = published.mlflow_run if published else mlflow_run
    return Record(
        name=step.node.record_name,
        notebook=str(contract.path),
        status="success" if published else "failure",
        started=datetime.fromtimestamp(step.started, UTC).isoformat(timespec="milliseconds"),
        finished=datetime.now(UTC).isoformat(timespec="milliseconds"),
        seconds=round(datetime.now(UTC).timestamp() - step.started, 3),
        code_version=contract.code_version,
        assets=tuple(o.name for o in contract.outputs),
        partition=step.key,
        parameters=step.shown_parameters,
        inputs=step.inputs,
        outputs=_outputs(step, outcome, published),
        checks=tuple(_check_facts(key, event) for key, event in outcome.checks.items()),
        metrics=outcome.metrics,
        cells=tuple(asdict(cell) for cell in result.cells),
        peak_memory_mb=result.peak_memory_mb,
        failure=_failure(result, trouble),
        dagster={
            "run_id": context.run.run_id,
            "step": context.op_execution_context.op_handle.name,
            "retry": context.op_execution_context.retry_number,
            "trigger": trigger(context.run.tags, step.node.op_name),
        },
        mlflow={"run_id": run_id} if run_id else None,
        environment=environment(),
    )


def _outputs(step: Step, outcome: Outcome, published: Published | None) -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    for output in step.node.contract.outputs:
        entry: dict[str, Any] = {"kind": output.kind}
        if output.name in outcome.saves:
            entry["rows"] = outcome.saves[output.name]["staged"]["rows"]
        if published is not None:
            entry["data_version"] = _data_version(step, output, published)
            if output.kind == "table":
                entry["version"] = published.tables[output.name].version
            if output.kind == "model":
                entry["version"] = published.models[output.name][0]
        facts[output.name] = entry
    return facts


def _check_facts(key: tuple[str, str], event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "asset": key[0],
        "name": key[1],
        "passed": event["passed"],
        "description": event.get("description"),
    }


def _failure(result: NotebookResult, trouble: str | None) -> dict[str, Any] | None:
    if result.failure is None:
        return {"reason": "not published", "message": trouble} if trouble else None
    failure = result.failure
    return {
        "reason": failure.reason,
        "cell": failure.cell,
        "line": failure.line,
        "source": failure.source,
        "error": failure.error,
        "traceback": failure.traceback,
    }


def _facts(record: Record) -> dict[str, str]:
    """The lines that head the readable page."""
    facts = {
        "asset": ", ".join(record.assets),
        "partition": record.partition or "",
        "parameters": ", ".join(f"{k} = {v}" for k, v in record.parameters.items()),
        "inputs": ", ".join(f"{n}@{f['version']}" for n, f in record.inputs.items()),
        "outputs": ", ".join(f"{n}@{f['version']}" for n, f in record.outputs.items() if "version" in f),
        "started": record.started,
        "duration": f"{record.seconds:.1f} s",
        "run": str(record.dagster.get("run_id", "")),
        "status": record.status,
    }
    return {name: value for name, value in facts.items() if value}


def _common_metadata(step: Step, result: NotebookResult) -> dict[str, Any]:
    record = step.folder
    slowest = max(result.cells, key=lambda cell: cell.seconds, default=None)
    facts: dict[str, Any] = {
        "seconds": float(sum(cell.seconds for cell in result.cells)),
        "peak memory (MB)": float(result.peak_memory_mb or 0.0),
        "parameters": dg.MetadataValue.json(step.shown_parameters),
        INPUTS_KEY: dg.MetadataValue.json(step.inputs),
        "why": trigger(step.context.run.tags, step.node.op_name)["sentence"],
        "record": dg.MetadataValue.path(str(record)),
        "notebook": dg.MetadataValue.notebook(str(result.saved)),
        "open notebook": dg.MetadataValue.url(_notebook_url(step, result.saved)),
    }
    if slowest is not None:
        facts["slowest cell"] = f"cell {slowest.number}: {slowest.seconds:.2f} s"
    return facts


def _notebook_url(step: Step, saved: Path) -> str:
    """Return the address at which Dagster's own server shows an executed notebook."""
    location = step.context.run.remote_job_origin
    name = location.location_name if location else step.node.settings.name
    return f"/notebook?path={quote(str(saved), safe='')}&repoLocName={quote(name)}"


def _own_metadata(output: Output, outcome: Outcome, published: Published) -> dict[str, Any]:
    metrics = {name: float(value) for name, value in outcome.metrics.items()}
    if output.kind == "table":
        return _table_metadata(outcome.saves[output.name], published.tables[output.name])
    if output.kind == "model":
        version, _ = published.models[output.name]
        facts: dict[str, Any] = {"model version": int(version), **metrics}
        if published.mlflow_run:
            facts["MLflow run"] = published.mlflow_run
        return facts
    return metrics


def _table_metadata(event: Mapping[str, Any], table: TableVersion) -> dict[str, Any]:
    staged = event["staged"]
    facts: dict[str, Any] = {
        "dagster/row_count": int(staged["rows"]),
        "dagster/uri": table.uri,
        "lake version": int(table.version),
        "size (bytes)": int(staged["size"]),
        "preview": dg.MetadataValue.md(event["preview"]),
    }
    described = {c["name"]: c for c in (event.get("schema") or {}).get("columns", [])}
    facts["dagster/column_schema"] = dg.TableSchema(
        columns=[table_column({**column, **described.get(column["name"], {})}) for column in event["columns"]]
    )
    return facts


def table_column(column: Mapping[str, Any]) -> dg.TableColumn:
    """Return Dagster's column for one of `assetbook.schema.column_schema` or of a staged table."""
    return dg.TableColumn(
        name=column["name"],
        type=str(column["type"]),
        description=column.get("description") or None,
        constraints=dg.TableColumnConstraints(
            nullable=bool(column.get("nullable", True)),
            unique=bool(column.get("unique", False)),
            other=[str(check) for check in column.get("checks", [])],
        ),
    )


def _figures(result: NotebookResult) -> dict[str, Any]:
    shown = [f for f in result.figures if len(f["png_base64"]) <= FIGURE_LIMIT][:FIGURES_SHOWN]
    return {
        f"figure {n}": dg.MetadataValue.md(f"![cell {f['cell']}](data:image/png;base64,{f['png_base64']})")
        for n, f in enumerate(shown, 1)
    }


__all__ = [
    "INPUTS_KEY",
    "Published",
    "markdown_table",
    "materializations",
    "report_version",
    "table_column",
    "write_record",
]
