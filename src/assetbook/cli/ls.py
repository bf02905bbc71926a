"""`assetbook ls`: what there is, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from assetbook.cli.terminal import color_option, console

if TYPE_CHECKING:
    from assetbook.cli.workspace import OpenWorkspace
    from assetbook.platform.units import Unit

WIDE = 130  # columns of a terminal that has room for inputs, too


@click.command()
@click.argument("selection", default="*")
@click.option("--json", "for_program", is_flag=True, help="For programs.")
@color_option
def ls(selection: str, for_program: bool) -> None:
    """List assets, their last results and problems.

    SELECTION is as for `assetbook run`; without it, everything.
    """
    from assetbook.cli.workspace import open_workspace
    from assetbook.platform.selection import select

    space = open_workspace()
    units = select(space.units, space.definitions, selection) if selection != "*" else space.units
    if for_program:
        import json

        click.echo(json.dumps(_facts(space, units), indent=1, ensure_ascii=False))
        return
    _print(space, units)


def _facts(space: OpenWorkspace, units: list[Unit]) -> list[dict[str, Any]]:
    from assetbook.cli.results import result_of

    return [
        {
            "asset": name,
            "group": unit.group,
            "source": source_of(unit),
            "inputs": [source.name for source in unit.inputs],
            "partitioned": unit.partitions is not None,
            "problem": unit.problem,
            **result_of(unit, key, space.currency).as_json(),
        }
        for unit in units
        for name, key in zip(unit.names, unit.keys, strict=True)
    ]


def _print(space: OpenWorkspace, units: list[Unit]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from assetbook.cli.results import result_of

    out = console()
    wide = out.width >= WIDE
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("asset", "group", "source", *(["inputs"] if wide else []), "last result", "when"):
        table.add_column(column, overflow="fold", no_wrap=column in {"asset", "when"})
    for unit in units:
        inputs = [escape(", ".join(source.name for source in unit.inputs))] if wide else []
        for name, key in zip(unit.names, unit.keys, strict=True):
            result = result_of(unit, key, space.currency)
            text = "[bold red]broken[/]" if unit.problem else escape(result.text)
            never = "[dim]never[/]" if not unit.problem else ""
            table.add_row(
                f"[bold]{escape(name)}[/]",
                escape(unit.group),
                escape(source_of(unit)),
                *inputs,
                text,
                result.when or never,
            )
    out.print(table)
    for problem in dict.fromkeys(unit.problem for unit in units if unit.problem):
        out.print(f"\n[bold red]✗[/] {escape(problem)}", soft_wrap=True)


def source_of(unit: Unit) -> str:
    """Return the file that an asset is made by, relative to the workspace; empty where only Dagster knows."""
    if unit.node:
        return str(unit.node.contract.path)
    if unit.declaration:
        return f"{unit.declaration.source.parent.name}/{unit.declaration.source.name}"
    return ""
