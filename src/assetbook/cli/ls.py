"""`assetbook ls`: what there is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from assetbook.cli.completion import complete_asset
from assetbook.cli.tables import Column, print_table
from assetbook.cli.terminal import color_option, console, say_json

if TYPE_CHECKING:
    from assetbook.cli.workspace import OpenWorkspace
    from assetbook.platform.units import Unit


@click.command()
@click.argument("selection", nargs=-1, shell_complete=complete_asset)
@click.option("--json", "for_program", is_flag=True, help="One JSON list, for programs.")
@color_option
def ls(selection: Sequence[str], for_program: bool) -> None:
    """List assets, their last results and problems.

    SELECTION is as for `assetbook run`; without it, everything.
    """
    from assetbook.cli.workspace import open_workspace

    space = open_workspace()
    units = space.select(selection) if selection else space.units
    if for_program:
        say_json(_facts(space, units))
    elif units:
        _print(space, units)
    else:
        click.echo("There are no assets yet: put notebooks into notebooks/, or Python tables into assets/.")


def _facts(space: OpenWorkspace, units: list[Unit]) -> list[dict[str, Any]]:
    from assetbook.cli.results import result_of

    return [
        {
            "asset": name,
            "group": unit.group,
            "source": space.source(unit) or None,
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

    out = console()
    lines = [_line(space, unit, name) for unit in units for name in unit.names]
    asset, group, source, inputs, result, when = zip(*lines, strict=True)
    columns = [
        Column("asset", asset),
        Column("group", group, spare=2),
        Column("source", source, spare=3),
        Column("inputs", inputs, spare=4, folds=True),
        Column("last result", result, folds=True),
        Column("when", when, spare=1),
    ]
    print_table(out, columns)
    for problem in dict.fromkeys(unit.problem for unit in units if unit.problem):
        out.print(f"\n[bold red]✗[/] {escape(problem)}", soft_wrap=True)


def _line(space: OpenWorkspace, unit: Unit, name: str) -> list[str]:
    from rich.markup import escape

    from assetbook.cli.results import result_of

    result = result_of(unit, unit.keys[unit.names.index(name)], space.currency)
    inputs = ", ".join(source.name for source in unit.inputs)
    known = [f"[bold]{escape(name)}[/]", *map(escape, (unit.group, space.source(unit), inputs))]
    if unit.problem:
        return [*known, "[bold red]broken[/]", result.when]
    return [*known, escape(result.text), result.when or "[dim]never[/]"]
