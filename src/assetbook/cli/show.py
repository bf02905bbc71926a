"""`assetbook show`: what the last run of an asset left, and where to look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assetbook.cli.terminal import color_option, console
from assetbook.errors import WorkspaceError

if TYPE_CHECKING:
    from rich.console import Console

    from assetbook.cli.workspace import OpenWorkspace
    from assetbook.platform.units import Unit
    from assetbook.record import Record


@click.command()
@click.argument("asset")
@click.option("--partition", metavar="KEY", help="The last run of this partition.")
@click.option("--json", "for_program", is_flag=True, help="The record itself, for programs.")
@color_option
def show(asset: str, partition: str | None, for_program: bool) -> None:
    """Show what the last run of ASSET has left.

    Versions, parameters, metrics, checks, the time and memory of each cell, and where the executed notebook is.
    """
    from assetbook.cli.workspace import open_workspace

    space = open_workspace()
    unit = space.unit(asset)
    if unit.problem:
        raise WorkspaceError(unit.problem)
    if unit.node is None:
        _show_materialization(space, unit, asset, partition, for_program=for_program)
    else:
        _show_runs(space, unit, asset, partition, for_program=for_program)


def _show_runs(
    space: OpenWorkspace, unit: Unit, asset: str, partition: str | None, *, for_program: bool
) -> None:
    """Show a notebook's last run; of one that failed also where the last good one is."""
    runs = _runs(space, unit, partition)
    last = next(runs, None)
    if last is None:
        raise WorkspaceError(_never(asset, partition))
    folder, record = last
    if for_program:
        click.echo((folder / "record.json").read_text("utf-8"), nl=False)
        return
    out = console()
    _print_record(out, record, folder)
    if record.status == "success":
        return
    good = next((run for run in runs if run[1].status == "success"), None)
    if good is None:
        out.print("\nNo earlier run has succeeded.")
    else:
        out.print(
            f"\nThe last success, which everybody reads, is of {_moment(good[1].started)}: {good[0]}",
            soft_wrap=True,
        )


def _runs(space: OpenWorkspace, unit: Unit, partition: str | None) -> Iterator[tuple[Path, Record]]:
    from assetbook.record import FILE, Record, run_folders

    assert unit.node is not None
    for folder in run_folders(space.settings.records, unit.node.record_name):
        record = Record.read(folder / FILE)
        if partition is None or record.partition == partition:
            yield folder, record


def _never(asset: str, partition: str | None) -> str:
    which = f"{asset}[{partition}]" if partition else asset
    option = f" --partition {partition}" if partition else ""
    return f"{which} was never run. Run it: assetbook run +{asset}{option}"


def _show_materialization(
    space: OpenWorkspace, unit: Unit, asset: str, partition: str | None, *, for_program: bool
) -> None:
    """Show what Dagster knows of the last materialization of an asset that is no notebook."""
    from rich.markup import escape

    from assetbook.cli.ls import source_of

    key = unit.keys[unit.names.index(asset)]
    latest = space.currency.latest
    made = latest.of(key, partition) if partition else latest.newest(key)
    if made is None:
        raise WorkspaceError(_never(asset, partition))
    plain = {
        n: v for n, v in made.metadata.items() if isinstance(v, str | int | float) and "\n" not in str(v)
    }
    if for_program:
        facts = {"asset": asset, "partition": made.partition, "run_id": made.run_id, "at": made.at}
        click.echo(json.dumps({**facts, "metadata": plain}, indent=1, ensure_ascii=False))
        return
    out = console()
    out.print(f"[bold]{escape(asset)}[/]  {escape(source_of(unit))}")
    facts = {
        "made": _moment(made.at),
        "partition": made.partition,
        **{name.removeprefix("dagster/").replace("_", " "): value for name, value in plain.items()},
        "data version": (made.data_version or "")[:12],
        "Dagster run": made.run_id,
    }
    _print_facts(out, facts)


def _print_record(out: Console, record: Record, folder: Path) -> None:
    from rich.markup import escape

    from assetbook.cli.results import number

    color = "green" if record.status == "success" else "bold red"
    out.print(f"[bold]{escape(', '.join(record.assets))}[/]  {escape(record.notebook)}")
    out.print(f"[{color}]{record.status}[/]  {_moment(record.started)}, {record.seconds:.1f} s")
    facts = {
        "partition": record.partition,
        "why": record.dagster.get("trigger", {}).get("sentence"),
        "parameters": ", ".join(f"{k} = {v}" for k, v in record.parameters.items()),
        "inputs": ", ".join(_versioned(n, f) for n, f in record.inputs.items()),
        "outputs": ", ".join(_versioned(n, f) for n, f in record.outputs.items()),
        "metrics": ", ".join(f"{n} {number(v)}" for n, v in record.metrics.items()),
        "memory": f"{record.peak_memory_mb:,.0f} MB" if record.peak_memory_mb else None,
        "code": record.code_version[:12],
        "Dagster run": record.dagster.get("run_id"),
        "MLflow run": (record.mlflow or {}).get("run_id"),
        "record": folder,
    }
    _print_facts(out, facts)
    _print_checks(out, record)
    _print_cells(out, record)
    if record.failure:
        _print_failure(out, record.failure)


def _print_facts(out: Console, facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in facts.items():
        if value not in (None, ""):
            shown = f"{value:,}" if isinstance(value, int) else str(value)
            grid.add_row(escape(name), escape(shown))
    out.print(grid)


def _print_checks(out: Console, record: Record) -> None:
    from rich.markup import escape

    for check in record.checks:
        mark = "[green]✓[/]" if check["passed"] else "[bold red]✗[/]"
        description = check["description"] or ""
        out.print(
            f"{mark} {escape(check['name'])} [dim]of {escape(check['asset'])}[/]  {escape(description)}"
        )


def _print_cells(out: Console, record: Record) -> None:
    from rich.table import Table

    cells = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("cell", "seconds", "memory MB", "status"):
        cells.add_column(column, justify="right")
    for cell in record.cells:
        memory = cell.get("memory_mb")
        cells.add_row(
            str(cell["number"]), f"{cell['seconds']:.2f}", f"{memory:,.0f}" if memory else "", cell["status"]
        )
    out.print(cells)


def _print_failure(out: Console, failure: Any) -> None:
    from rich.text import Text

    out.print(Text("\n" + str(failure.get("error") or failure["reason"]), style="bold red"), soft_wrap=True)
    out.print(Text(str(failure.get("traceback") or failure.get("message") or "")), soft_wrap=True)


def _versioned(name: str, facts: Any) -> str:
    version = facts.get("version")
    rows = f" ({facts['rows']:,} rows)" if "rows" in facts else ""
    return f"{name}@{version}{rows}" if version is not None else f"{name}{rows}"


def _moment(at: float | str) -> str:
    """Return a moment, given in seconds or ISO 8601, in local time."""
    from datetime import datetime

    moment = (
        datetime.fromtimestamp(at) if isinstance(at, float | int) else datetime.fromisoformat(at).astimezone()
    )
    return f"{moment:%Y-%m-%d %H:%M:%S}"
