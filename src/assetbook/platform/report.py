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

from assetbook.contract import Contract, Output
from assetbook.execute import NotebookResult
from assetbook.lake import TableVersion
from assetbook.platform.attempt import Attempt
from assetbook.platform.outcome import Outcome, markdown_table
from assetbook.platform.publishing import Published
from assetbook.platform.table_metadata import SENSITIVE, table_column, table_metadata
from assetbook.platform.trigger import trigger
from assetbook.record import NOTEBOOK
from assetbook.settings import Settings

INPUTS_KEY = "assetbook/inputs"
FIGURES_SHOWN = 4
TABLES_SHOWN = 2
CELLS_SHOWN = 5
LINE_LIMIT = 50
SHORT = 1_000  # characters of Markdown that Dagster shows at once; longer ones behind a click
FIGURE_URL = "{page}&figure={number}"  # ours shows it; Dagster's own web server would send the whole page
_TICK = 0.01  # seconds of a cell that is worth telling


def materializations(
    attempt: Attempt, result: NotebookResult, outcome: Outcome, published: Published
) -> Iterator[dg.MaterializeResult[Any]]:
    """Give Dagster one materialization for each output, with its checks."""
    contract = attempt.node.contract
    checks = outcome.check_results(contract)
    head = {**page_link(attempt), "why": trigger(attempt.context.run.tags, attempt.node.op_name)["sentence"]}
    common = _common(attempt, result)
    for output in contract.outputs:
        key = dg.AssetKey(output.name.split("/"))
        own = _own(output, outcome, published)
        if output is _measured(contract):
            own |= {**_metrics(outcome, published), **_shown(attempt, result)}
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={**head, **own, **common},
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
    """Return where to look at a run: its notebook as far as it came, and its record."""
    saved = attempt.folder / NOTEBOOK
    facts: dict[str, Any] = {"record": dg.MetadataValue.path(str(attempt.folder))}
    return facts | {"notebook": dg.MetadataValue.notebook(str(saved))} if saved.exists() else facts


def page_link(attempt: Attempt) -> dict[str, Any]:
    """Return the address at which the web server shows the executed notebook: ours as its page, Dagster's own bare."""
    saved = attempt.folder / NOTEBOOK
    if not saved.exists():
        return {}
    location = attempt.context.run.remote_job_origin
    name = location.location_name if location else attempt.node.settings.name
    return {
        "open notebook": dg.MetadataValue.url(
            notebook_url(saved, settings=attempt.node.settings, location=name)
        )
    }


def notebook_url(path: Path, *, settings: Settings, location: str) -> str:
    """Return the address of a notebook on Dagster's web server.

    Args:
        path: the notebook.
        settings: of the workspace, from whose folder Dagster is started.
        location: the name of the code location.
    """
    shown = path.relative_to(settings.root) if path.is_relative_to(settings.root) else path
    return f"/notebook?path={quote(shown.as_posix())}&repoLocName={quote(location)}"


def _common(attempt: Attempt, result: NotebookResult) -> dict[str, Any]:
    return {
        "seconds": float(sum(cell.seconds for cell in result.cells)),
        "peak memory (MB)": float(result.peak_memory_mb),
        **_slowest(result),
        "parameters": dg.MetadataValue.json(attempt.shown_parameters),
        **_inputs(attempt),
        **links(attempt),
        INPUTS_KEY: dg.MetadataValue.json(attempt.inputs),
    }


def _slowest(result: NotebookResult) -> dict[str, Any]:
    """Return the cells that took longest, each with its first line."""
    by_time = sorted(result.cells, key=lambda cell: cell.seconds, reverse=True)[:CELLS_SHOWN]
    begins = {number: first_line(source) for number, source in result.sources.items()}
    rows = [
        {"cell": cell.number, "seconds": round(cell.seconds, 2), "begins with": begins.get(cell.number, "")}
        for cell in by_time
        if cell.seconds >= _TICK
    ]
    return {"slowest cells": table_metadata(rows)} if rows else {}


def first_line(source: str) -> str:
    """Return the first line of code that is no comment, else the first line."""
    lines = [line.strip() for line in source.splitlines() if line.strip()] or [""]
    return next((line for line in lines if not line.startswith(("#", "%", "!"))), lines[0])[:LINE_LIMIT]


def _inputs(attempt: Attempt) -> dict[str, Any]:
    """Return a table of what was read: which version, and which run made it."""
    rows = [
        {
            "input": f"[{name}](/assets/{quote(name)})",
            "version": facts.get("version"),
            **({"partition": facts["partition"]} if facts.get("partition") else {}),
            "made by run": f"[{run[:8]}](/runs/{run})" if (run := facts.get("run_id")) else "",
        }
        for name, facts in attempt.inputs.items()
    ]
    return {"inputs": dg.MetadataValue.md(markdown_table(rows))} if rows else {}


def _own(output: Output, outcome: Outcome, published: Published) -> dict[str, Any]:
    if output.kind == "table":
        return _table(outcome.saves[output.name], published.tables[output.name])
    if output.kind == "model":
        return {"model version": int(published.models[output.name].version)}
    return {}


def _metrics(outcome: Outcome, published: Published) -> dict[str, Any]:
    facts = {name: _plotted(value) for name, value in outcome.metrics.items()}
    if published.mlflow_run:
        facts["MLflow run"] = dg.MetadataValue.url(f"/mlflow/runs/{published.mlflow_run}")
    return facts


def _measured(contract: Contract) -> Output:
    """Return the output that metrics, figures and shown tables belong to: a model, a report, or the first table."""
    return next((output for output in contract.outputs if output.kind != "table"), contract.outputs[0])


def _plotted(value: float) -> Any:
    """Return a metric as a float, of which Dagster makes a plot; JSON has no other nan than a text."""
    return float(value) if math.isfinite(value) else str(value)


def _table(event: Mapping[str, Any], table: TableVersion) -> dict[str, Any]:
    staged = event["staged"]
    described = {c["name"]: c for c in (event.get("schema") or {}).get("columns", [])}
    columns = [
        table_column({**column, **described.get(column["name"], {}), SENSITIVE: column[SENSITIVE]})
        for column in event["columns"]
    ]
    return {
        "preview": table_metadata(event["preview"], columns=[c["name"] for c in event["columns"]]),
        "dagster/row_count": int(staged["rows"]),
        "dagster/uri": table.uri,
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "lake version": int(table.version),
        "size (bytes)": int(staged["size"]),
    }


# ---- what the notebook has shown


def _shown(attempt: Attempt, result: NotebookResult) -> dict[str, Any]:
    """Return the first figures and tables of the notebook, as Markdown that Dagster shows at once."""
    facts: dict[str, Any] = {}
    page = page_link(attempt).get("open notebook")
    pictures = [
        f"![Figure of cell {figure['cell']}]({FIGURE_URL.format(page=page.value, number=number)})"
        for number, figure in enumerate(result.figures[:FIGURES_SHOWN], start=1)
        if page is not None
    ]
    while pictures and len("\n\n".join(pictures)) >= SHORT:
        pictures.pop()
    if pictures:
        facts["figures"] = dg.MetadataValue.md("\n\n".join(pictures))
    short = [table for table in result.tables if len(table["text"]) < SHORT - 50]
    for number, table in enumerate(short[:TABLES_SHOWN], start=1):
        text = f"cell {table['cell']}\n\n```text\n{table['text']}\n```"
        facts[f"table {number}"] = dg.MetadataValue.md(text)
    return facts
