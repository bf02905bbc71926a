"""What Dagster is told of a run: metadata and data version of each materialization, facts of a failure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dagster as dg

from assetbook.contract import Output
from assetbook.execute import NotebookResult
from assetbook.lake import TableVersion
from assetbook.platform.attempt import Attempt
from assetbook.platform.outcome import Outcome
from assetbook.platform.publishing import Published
from assetbook.platform.trigger import trigger
from assetbook.record import NOTEBOOK

INPUTS_KEY = "assetbook/inputs"
FIGURES_SHOWN = 4
FIGURES_LIMIT = 600_000  # characters of base64 of all of them: they are stored in Dagster's event log


def materializations(
    attempt: Attempt, result: NotebookResult, outcome: Outcome, published: Published
) -> Iterator[dg.MaterializeResult[Any]]:
    """Give Dagster one materialization for each output, with its checks."""
    checks = outcome.check_results(attempt.node.contract)
    common = _common(attempt, result)
    for position, output in enumerate(attempt.node.contract.outputs):
        key = dg.AssetKey(output.name.split("/"))
        own = _own(output, outcome, published)
        figures = _figures(result) if position == 0 else {}
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={**own, **common, **figures},
            data_version=dg.DataVersion(data_version(attempt, output, published)),
            check_results=[check for check in checks if check.asset_key == key],
        )


def data_version(attempt: Attempt, output: Output, published: Published) -> str:
    """Return the data version of an output; of a partition, in a run of one."""
    if output.kind == "table":
        table = published.tables[output.name]
        return table.partitions[attempt.partition] if attempt.partition else table.data_version
    if output.kind == "model":
        return published.models[output.name].data_version
    return _report_version(attempt)


def _report_version(attempt: Attempt) -> str:
    """Return the data version of a report: the same as long as code, parameters and inputs are."""
    read = {name: facts["data_version"] for name, facts in attempt.inputs.items()}
    made_of = [attempt.node.contract.code_version, attempt.shown_parameters, read]
    return sha256(json.dumps(made_of, sort_keys=True, default=str).encode()).hexdigest()[:32]


def links(attempt: Attempt) -> dict[str, Any]:
    """Return where to look at a run: its record, and its notebook as far as it came."""
    saved = attempt.folder / NOTEBOOK
    facts: dict[str, Any] = {"record": dg.MetadataValue.path(str(attempt.folder))}
    if saved.exists():
        facts["notebook"] = dg.MetadataValue.notebook(str(saved))
        facts["open notebook"] = dg.MetadataValue.url(_notebook_url(attempt, saved))
    return facts


def _notebook_url(attempt: Attempt, saved: Path) -> str:
    """Return the address at which Dagster's own server shows an executed notebook."""
    location = attempt.context.run.remote_job_origin
    name = location.location_name if location else attempt.node.settings.name
    return f"/notebook?path={quote(str(saved), safe='')}&repoLocName={quote(name)}"


def _common(attempt: Attempt, result: NotebookResult) -> dict[str, Any]:
    slowest = max(result.cells, key=lambda cell: cell.seconds, default=None)
    facts: dict[str, Any] = {
        "seconds": float(sum(cell.seconds for cell in result.cells)),
        "peak memory (MB)": float(result.peak_memory_mb),
        "parameters": dg.MetadataValue.json(attempt.shown_parameters),
        INPUTS_KEY: dg.MetadataValue.json(attempt.inputs),
        "why": trigger(attempt.context.run.tags, attempt.node.op_name)["sentence"],
        **links(attempt),
    }
    if slowest is not None:
        facts["slowest cell"] = f"cell {slowest.number}: {slowest.seconds:.2f} s"
    return facts


def _own(output: Output, outcome: Outcome, published: Published) -> dict[str, Any]:
    if output.kind == "table":
        return _table(outcome.saves[output.name], published.tables[output.name])
    facts = {name: _plotted(value) for name, value in outcome.metrics.items()}
    if output.kind == "model":
        facts = {"model version": int(published.models[output.name].version), **facts}
        if published.mlflow_run:
            facts["MLflow run"] = published.mlflow_run
    return facts


def _plotted(value: float) -> Any:
    """Return a metric as a float, of which Dagster makes a plot; JSON has no other nan than a text."""
    return float(value) if math.isfinite(value) else str(value)


def _table(event: Mapping[str, Any], table: TableVersion) -> dict[str, Any]:
    staged = event["staged"]
    described = {c["name"]: c for c in (event.get("schema") or {}).get("columns", [])}
    columns = [table_column({**column, **described.get(column["name"], {})}) for column in event["columns"]]
    return {
        "dagster/row_count": int(staged["rows"]),
        "dagster/uri": table.uri,
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "lake version": int(table.version),
        "size (bytes)": int(staged["size"]),
        "preview": dg.MetadataValue.md(event["preview"]),
    }


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
    facts: dict[str, Any] = {}
    room = FIGURES_LIMIT
    for figure in result.figures:
        picture = figure["png_base64"]
        if len(picture) <= room and len(facts) < FIGURES_SHOWN:
            room -= len(picture)
            text = f"![cell {figure['cell']}](data:image/png;base64,{picture})"
            facts[f"figure {len(facts) + 1}"] = dg.MetadataValue.md(text)
    return facts
