"""`assetbook show`: what an asset is, what its last run left, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assetbook.cli.completion import complete_asset
from assetbook.cli.failure import print_failure
from assetbook.cli.results import moment
from assetbook.cli.tables import Column, print_table, print_trimmed
from assetbook.cli.terminal import color_option, console, say_json
from assetbook.cli.versions import print_versions
from assetbook.words import number

if TYPE_CHECKING:
    from rich.console import Console

    from assetbook.cli.findings import Findings
    from assetbook.platform.latest import Made
    from assetbook.record import Record

SHOWN_CELLS = 20


@click.command()
@click.argument("asset", shell_complete=complete_asset)
@click.option("--partition", metavar="KEY", help="The last run of this partition, and its versions.")
@click.option("--json", "for_program", is_flag=True, help="One JSON object: the whole record, all versions.")
@color_option
def show(asset: str, partition: str | None, for_program: bool) -> None:
    """Show what the last run of ASSET has left, and its versions.

    Parameters, input and output versions, metrics, checks, the time and memory of each cell, where the executed
    notebook is, and of a run that failed why. Of a table and a model the last ten versions.
    """
    from assetbook.cli.findings import find
    from assetbook.cli.workspace import open_workspace

    found = find(open_workspace(), asset, partition)
    if for_program:
        say_json(found.as_json())
    else:
        _print(console(), found)


def _print(out: Console, found: Findings) -> None:
    """Print first what it is, last what a person must act on."""
    from rich.text import Text

    title = ", ".join(found.last[1].assets) if found.last else found.asset
    out.print(Text.assemble((title, "bold"), f"  {found.source}" if found.source else ""), soft_wrap=True)
    if found.description:
        out.print(Text(found.description, style="dim"))
    if found.last:
        _print_run(out, found, *found.last)
    elif found.made:
        _print_made(out, found, found.made)
    else:
        _print_declared(out, found)
    if found.versions:
        out.print()
        print_versions(out, found.versions)
    _print_trouble(out, found)


def _print_run(out: Console, found: Findings, folder: Path, record: Record) -> None:
    color = "green" if record.status == "success" else "bold red"
    out.print(f"[{color}]{record.status}[/]  {moment(record.started)}, {record.seconds:.1f} s")
    facts = {
        "partition": record.partition,
        "why": record.dagster.get("trigger", {}).get("sentence"),
        "parameters": ", ".join(f"{k} = {v}" for k, v in record.parameters.items()),
        "inputs": ", ".join(_versioned(n, f) for n, f in record.inputs.items()),
        "outputs": ", ".join(_versioned(n, f) for n, f in record.outputs.items() if "version" in f),
        "metrics": ", ".join(f"{n} {number(v)}" for n, v in record.metrics.items()),
        "in all": found.whole,
        "memory": _memory(record),
        "code": record.code_version[:12],
        "Dagster run": record.dagster.get("run_id"),
        "MLflow run": (record.mlflow or {}).get("run_id"),
        "record": _from_here(folder),
    }
    _print_facts(out, facts)
    _print_checks(out, record)
    _print_cells(out, record)


def _memory(record: Record) -> str | None:
    if not record.peak_memory_mb:
        return None
    shared = f", and {record.shared_memory_mb:,.0f} MB shared" if record.shared_memory_mb else ""
    return f"{record.peak_memory_mb:,.0f} MB{shared}"


def _print_made(out: Console, found: Findings, made: Made) -> None:
    """Print what Dagster knows of a materialization."""
    from assetbook.cli.findings import plain_metadata

    facts = {
        "made": moment(made.at),
        "partition": made.partition,
        **{n.removeprefix("dagster/").replace("_", " "): v for n, v in plain_metadata(made).items()},
        "in all": found.whole,
        "data version": (made.data_version or "")[:12],
        "Dagster run": made.run_id,
    }
    _print_facts(out, facts)


def _print_declared(out: Console, found: Findings) -> None:
    """Print what is known of an asset before its first run."""
    from rich.markup import escape

    _print_facts(out, {"inputs": ", ".join(source.name for source in found.unit.inputs)})
    parameters = found.unit.node.contract.parameters if found.unit.node else ()
    if parameters:
        columns = [
            Column("parameter", [escape(p.name) for p in parameters]),
            Column("type", [escape(str(p.type)) for p in parameters], spare=1, folds=True),
            Column("default", [escape(str(p.to_config(p.default))) for p in parameters], folds=True),
            Column("", [escape(p.description or "") for p in parameters], spare=2, folds=True),
        ]
        print_table(out, columns)


def _print_trouble(out: Console, found: Findings) -> None:
    """Print why there is nothing, or nothing new, and what everybody reads instead."""
    from rich.text import Text

    if found.unit.problem:
        out.print(Text.assemble(("\nbroken  ", "bold red"), found.unit.problem), soft_wrap=True)
    elif found.last is None and found.made is None and found.failure is None:
        option = f" --partition {found.partition}" if found.partition else ""
        which = f"{found.asset}[{found.partition}]" if found.partition else found.asset
        out.print(
            Text(f"{which} was never run. Run it: assetbook run +{found.asset}{option}"), soft_wrap=True
        )
    elif found.failure is not None:
        out.print(Text("\nIts last run failed.", style="bold red"))
        print_failure(out, found.failure)
    elif found.last and found.last[1].failure:
        _print_failed_run(out, found, found.last[1].failure)


def _print_failed_run(out: Console, found: Findings, failure: Mapping[str, Any]) -> None:
    out.print()
    print_failure(out, str(failure["message"]))
    if found.last_success is None:
        out.print("\nNo earlier run has succeeded.")
    else:
        folder, record = found.last_success
        out.print(
            f"\nThe last success, which everybody reads, is of {moment(record.started)}: {_from_here(folder)}",
            soft_wrap=True,
        )


def _print_facts(out: Console, facts: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in facts.items():
        if value not in (None, ""):
            shown = f"{value:,}" if isinstance(value, int) else str(value)
            grid.add_row(escape(name), escape(shown))
    print_trimmed(out, grid)


def _print_checks(out: Console, record: Record) -> None:
    from rich.markup import escape
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    for check in record.checks:
        mark = "[green]✓[/]" if check["passed"] else "[bold red]✗[/]"
        of = f" [dim]of {escape(check['asset'])}[/]" if len(record.assets) > 1 else ""
        grid.add_row(f"{mark} {escape(check['name'])}{of}", escape(check["description"] or ""))
    print_trimmed(out, grid)


def _print_cells(out: Console, record: Record) -> None:
    """Print time and memory of the cells that ran; of very many, of the slowest."""
    ran = [cell for cell in record.cells if cell["status"] != "not run"]
    slowest = sorted(ran, key=lambda cell: cell["seconds"], reverse=True)[:SHOWN_CELLS]
    cells = sorted(slowest, key=lambda cell: cell["number"])
    memory = [cell.get("memory_mb") for cell in cells]
    columns = [
        Column("cell", [str(cell["number"]) for cell in cells], right=True),
        Column("seconds", [f"{cell['seconds']:.2f}" for cell in cells], right=True),
        Column("memory MB", [f"{mb:,.0f}" if mb else "" for mb in memory], right=True),
        Column("status", [cell["status"] for cell in cells]),
    ]
    if cells:
        print_table(out, columns)
    if len(ran) > len(cells):
        out.print(f"[dim]the {len(cells)} slowest of {len(ran)} cells; --json has all[/]")
    if left := len(record.cells) - len(ran):
        out.print(f"[dim]{left} more did not run[/]")


def _versioned(name: str, facts: Mapping[str, Any]) -> str:
    version = facts.get("version")
    rows = f" ({facts['rows']:,} rows)" if "rows" in facts else ""
    return f"{name}@{version}{rows}" if version is not None else f"{name}{rows}"


def _from_here(path: Path) -> Path:
    """Return a path as one types it in this folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
