"""`assetbook run`: bring a selection of assets up to date."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

import click

from assetbook.cli.completion import complete_asset
from assetbook.cli.interrupts import INTERRUPTED, Interrupts
from assetbook.cli.terminal import color_option, console, own_terminal
from assetbook.errors import ParameterError, did_you_mean

if TYPE_CHECKING:
    from assetbook.cli.display import Silent
    from assetbook.cli.workspace import OpenWorkspace
    from assetbook.platform.plan import Plan
    from assetbook.platform.units import Unit

FAILED = 1


@click.command()
@click.argument("selection", nargs=-1, shell_complete=complete_asset)
@click.option(
    "--param", "-p", "params", multiple=True, metavar="ASSET.NAME=VALUE", help="Set a notebook's parameter."
)
@click.option("--partition", "partitions", multiple=True, metavar="KEY", help="A partition, or FIRST..LAST.")
@click.option("--force", is_flag=True, help="Run what is current, too.")
@click.option(
    "--json", "for_program", is_flag=True, help="Print one JSON object at the end, and nothing else."
)
@color_option
def run(
    selection: Sequence[str], params: Sequence[str], partitions: Sequence[str], force: bool, for_program: bool
) -> None:
    """Bring assets up to date, and say why each runs.

    What is missing or changed runs, and then what reads it, if its content is another. The rest is left alone.

    SELECTION is Dagster's selection syntax: an asset, +asset (with all it needs), asset+ (with all that
    needs it), flight*, group:raw, kind:jupyter, owner:…, and, or, not. Without it, everything.

    The exit code is 0 if all is well, 1 if an asset failed, 2 for a mistake in the command, 130 if stopped.

    \b
    assetbook run
    assetbook run +delay_model --param delay_model.max_iter=100
    assetbook run flights+ --partition 2013-01..2013-03
    """  # noqa: D301 - click reads the backspace as "do not wrap what follows"
    from assetbook.cli.workspace import open_settings

    with own_terminal(open_settings().data / "run.log") as terminal, Interrupts():
        try:
            space, plan = _prepare(selection, params, partitions, force=force)
            sys.exit(_execute(space, plan, terminal, for_program=for_program))
        except KeyboardInterrupt:  # before anything ran
            sys.exit(INTERRUPTED)


def _prepare(
    selection: Sequence[str], params: Sequence[str], partitions: Sequence[str], *, force: bool
) -> tuple[OpenWorkspace, Plan]:
    from assetbook.cli.workspace import open_workspace
    from assetbook.platform.plan import Plan, Planned
    from assetbook.platform.selection import tasks_of

    space = open_workspace()
    chosen = space.select(selection)
    parameters = _parameters(params, chosen, space)
    tasks = tasks_of(chosen, latest=space.currency.latest, settings=space.settings, keys=partitions)
    return space, Plan([Planned(task) for task in tasks], space.currency, force=force, parameters=parameters)


def _execute(space: OpenWorkspace, plan: Plan, terminal: IO[str], *, for_program: bool) -> int:
    """Run the plan, show it, and return the exit code."""
    from assetbook.cli.summary import as_json, show_interrupted, show_summary
    from assetbook.platform.instance import end_abandoned
    from assetbook.platform.leftovers import clear_killed
    from assetbook.platform.runner import Runner

    started, stopped, out = time.monotonic(), False, console(terminal)
    end_abandoned(space.instance)
    nodes = [unit.node for unit in space.units if unit.node is not None]
    clear_killed(nodes, space.currency.lake, space.settings)
    try:
        with _display(plan, out, for_program=for_program) as display:
            Runner(space.definitions, space.instance, display=display).run(plan)
    except KeyboardInterrupt:
        stopped = True
    seconds = time.monotonic() - started
    if for_program:
        print(json.dumps(as_json(plan, seconds=seconds, stopped=stopped), ensure_ascii=False), file=terminal)
    elif stopped:
        show_interrupted(plan, out)
    else:
        show_summary(plan, out, seconds=seconds)
    if stopped:
        return INTERRUPTED
    return FAILED if any(planned.lost for planned in plan.tasks) else 0


def _display(plan: Plan, out: Any, *, for_program: bool) -> Silent:
    from assetbook.cli.display import Lines, Silent, Table

    if for_program:
        return Silent()
    drawn = out.is_terminal and not out.is_dumb_terminal
    return Table(plan, out) if drawn else Lines(plan, out)


def _parameters(
    texts: Sequence[str], chosen: Sequence[Unit], space: OpenWorkspace
) -> dict[str, dict[str, Any]]:
    """Read ``asset.name=value`` texts into run configuration by computation.

    Raises:
        ParameterError: not of that form, no such asset or parameter, or a value of the wrong type.
    """
    given: dict[str, dict[str, Any]] = {}
    for text in texts:
        target, equals, value = text.partition("=")
        asset, dot, name = target.rpartition(".")
        if not equals or not dot:
            raise ParameterError(
                f"--param {text}: expected ASSET.NAME=VALUE, such as delay_model.max_iter=100."
            )
        unit = next((unit for unit in chosen if asset in (*unit.names, unit.op_name)), None)
        if unit is None:
            known = asset in space.names
            why = f"{asset} is not selected." if known else did_you_mean(asset, space.names)
            raise ParameterError(
                f"--param {text}: {why}" if known else f"--param {text}: no such asset. {why}"
            )
        given.setdefault(unit.op_name, {})[name] = _value(unit, text, name, value)
    return given


def _value(unit: Unit, text: str, name: str, value: str) -> Any:
    from assetbook.contract.parameters import no_such_parameter

    if unit.node is None:
        why = "is broken and cannot run" if unit.problem else "is no notebook and has no parameters"
        raise ParameterError(f"--param {text}: {unit.title} {why}.")
    if name == unit.bound:
        raise ParameterError(f"--param {text}: {name!r} receives the partition key. Use --partition {value}.")
    contract = unit.node.contract
    parameter = contract.parameter(name)
    if parameter is None:
        names = [p.name for p in contract.parameters if p.name != unit.bound]
        hint = did_you_mean(name, names) if contract.parameters else no_such_parameter(name, names)
        raise ParameterError(f"--param {text}: {contract.path} has no parameter {name!r}. {hint}")
    try:
        return parameter.to_config(parameter.type.parse(value))
    except ParameterError as error:
        example = shlex.quote(f"{text.partition('=')[0]}={parameter.type.example}")
        raise ParameterError(f"--param {text}: {error}. Write --param {example}, say.") from None
