"""`assetbook ls` and `assetbook show`: what there is, and what the last run of an asset left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from assetbook.errors import WorkspaceError, did_you_mean

if TYPE_CHECKING:
    from dagster import AssetKey, DagsterInstance

    from assetbook.cli.workspace import OpenWorkspace
    from assetbook.platform.units import Unit
    from assetbook.record import Record

HIDDEN_METRICS = {"seconds", "peak memory (MB)"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def ls(as_json: bool) -> None:
    """List all assets with their kind, inputs, last result and what is wrong."""
    from assetbook.cli.workspace import open_workspace

    space = open_workspace()
    rows = [_listed(space, unit, key) for unit in space.units for key in unit.keys]
    if as_json:
        import json

        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from assetbook.cli.display import wide_console

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("asset", "group", "source", "inputs", "last result"):
        table.add_column(column, overflow="fold")
    for row in rows:
        result = "[bold red]broken[/]" if row["problem"] else escape(row["result"])
        table.add_row(
            f"[bold]{escape(row['asset'])}[/]",
            escape(row["group"]),
            escape(row["source"]),
            escape(", ".join(row["inputs"])),
            result,
        )
    console = wide_console()
    console.print(table)
    for problem in dict.fromkeys(row["problem"] for row in rows if row["problem"]):
        console.print(f"\n[bold red]✗[/] {escape(problem)}")


def _listed(space: OpenWorkspace, unit: Unit, key: AssetKey) -> dict[str, Any]:
    return {
        "asset": "/".join(key.path),
        "group": unit.group,
        "source": _source(unit),
        "inputs": [source.name for source in unit.inputs],
        "partitions": type(unit.partitions).__name__ if unit.partitions else None,
        "result": headline(space.instance, key),
        "problem": unit.problem,
    }


def _source(unit: Unit) -> str:
    if unit.node:
        return str(unit.node.contract.path)
    if unit.declaration:
        return f"{unit.declaration.source.parent.name}/{unit.declaration.source.name}"
    return "notebook" if unit.problem else "dagster"


def headline(instance: DagsterInstance, key: AssetKey) -> str:
    """Return an asset's last result in a few words: rows, or metrics, or when it was made."""
    event = instance.get_latest_materialization_event(key)
    materialization = event.asset_materialization if event else None
    if materialization is None or event is None:
        return "never materialized"
    metadata = materialization.metadata
    rows = metadata.get("dagster/row_count")
    if rows is not None:
        partitions = len(instance.get_materialized_partitions(key)) if materialization.partition else 0
        of = f" in the last of {partitions} partitions" if partitions else ""
        return f"{rows.value:,} rows{of}"
    metrics = {
        name: value.value
        for name, value in metadata.items()
        if isinstance(value.value, float) and name not in HIDDEN_METRICS
    }
    version = metadata.get("model version")
    parts = [f"version {version.value}"] if version is not None else []
    parts += [f"{name} {value:.4g}" for name, value in list(metrics.items())[:3]]
    if parts:
        return ", ".join(parts)
    from datetime import datetime

    return f"made {datetime.fromtimestamp(event.timestamp):%Y-%m-%d %H:%M}"


@click.command()
@click.argument("asset")
@click.option("--json", "as_json", is_flag=True, help="The record itself.")
def show(asset: str, as_json: bool) -> None:
    """Show the last run of ASSET: versions, parameters, checks, cells, where to look."""
    from assetbook.cli.workspace import open_workspace
    from assetbook.record import Record, run_folders

    space = open_workspace()
    unit = _find(space, asset)
    if unit.node is None:
        _show_plain(space, unit, asset)
        return
    folder = next(run_folders(space.settings.records, unit.node.record_name), None)
    if folder is None:
        raise WorkspaceError(f"{asset} has no record yet. Run it: assetbook run {asset}")
    record = Record.read(folder / "record.json")
    if as_json:
        click.echo((folder / "record.json").read_text("utf-8"), nl=False)
        return
    _show_record(record, str(folder))


def _find(space: OpenWorkspace, asset: str) -> Unit:
    for unit in space.units:
        if asset in unit.names:
            if unit.problem:
                raise WorkspaceError(unit.problem)
            return unit
    names = [name for unit in space.units for name in unit.names]
    raise WorkspaceError(f"There is no asset {asset!r}. {did_you_mean(asset, names)}")


def _show_plain(space: OpenWorkspace, unit: Unit, asset: str) -> None:
    """Show an asset that is no notebook: what Dagster has of its last materialization."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print(f"[bold]{escape(asset)}[/]  {escape(_source(unit))}")
    event = space.instance.get_latest_materialization_event(
        next(k for k in unit.keys if "/".join(k.path) == asset)
    )
    materialization = event.asset_materialization if event else None
    if materialization is None:
        console.print("never materialized")
        return
    if materialization.partition:
        console.print(f"partition  {materialization.partition}")
    for name, value in materialization.metadata.items():
        if isinstance(value.value, str | int | float) and "\n" not in str(value.value):
            console.print(f"{escape(name)}  {escape(str(value.value))}")


def _show_record(record: Record, folder: str) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    color = "green" if record.status == "success" else "bold red"
    console.print(f"[bold]{escape(', '.join(record.assets))}[/]  {escape(record.notebook)}")
    console.print(f"[{color}]{record.status}[/] at {record.started}, {record.seconds:.1f} s")
    facts = {
        "partition": record.partition or "",
        "why": record.dagster.get("trigger", {}).get("sentence", ""),
        "parameters": ", ".join(f"{k} = {v}" for k, v in record.parameters.items()),
        "inputs": ", ".join(f"{n}@{f.get('version')}" for n, f in record.inputs.items()),
        "outputs": ", ".join(_output(n, f) for n, f in record.outputs.items()),
        "metrics": ", ".join(f"{n} {v:.4g}" for n, v in record.metrics.items()),
        "memory": f"{record.peak_memory_mb:.0f} MB" if record.peak_memory_mb else "",
        "code": record.code_version[:12],
        "Dagster run": record.dagster.get("run_id", ""),
        "MLflow run": (record.mlflow or {}).get("run_id", ""),
        "record": folder,
    }
    grid = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        if value:
            grid.add_row(f"[dim]{name}[/]", escape(str(value)))
    console.print(grid)
    for check in record.checks:
        mark = "[green]✓[/]" if check["passed"] else "[bold red]✗[/]"
        console.print(
            f"{mark} {escape(check['asset'])}: {escape(check['name'])} {escape(check['description'] or '')}"
        )
    cells = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("cell", "seconds", "memory MB", "status"):
        cells.add_column(column, justify="right")
    for cell in record.cells:
        memory = cell.get("memory_mb")
        cells.add_row(
            str(cell["number"]), f"{cell['seconds']:.2f}", f"{memory:.0f}" if memory else "", cell["status"]
        )
    console.print(cells)
    if record.failure:
        console.print(
            f"\n[bold red]{escape(str(record.failure.get('error') or record.failure['reason']))}[/]"
        )
        console.print(escape(str(record.failure.get("traceback") or record.failure.get("message") or "")))


def _output(name: str, facts: Any) -> str:
    rows = f" ({facts['rows']:,} rows)" if "rows" in facts else ""
    return f"{name}@{facts['version']}{rows}" if "version" in facts else f"{name}{rows}"
