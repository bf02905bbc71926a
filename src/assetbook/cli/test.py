"""`assetbook test`: run notebooks on small inputs, twice, without touching anything real."""

from __future__ import annotations

import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from assetbook.cli.completion import complete_asset
from assetbook.cli.failure import print_failure
from assetbook.cli.terminal import color_option, console, say_json
from assetbook.errors import ParameterError, did_you_mean
from assetbook.testing.model import ROWS, Status, Trial

if TYPE_CHECKING:
    from rich.console import Console

    from assetbook.contract import Contract
    from assetbook.testing.bench import Bench

FAILED = 1
MARKS: dict[Status, tuple[str, str]] = {
    "passed": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "skipped": ("–", "yellow"),  # noqa: RUF001 - the sign is meant
}


@click.command()
@click.argument("names", nargs=-1, shell_complete=complete_asset)
@click.option("--rows", default=ROWS, type=click.IntRange(1), show_default=True, help="Rows of each input.")
@click.option(
    "--param",
    "-p",
    "params",
    multiple=True,
    metavar="NOTEBOOK.NAME=VALUE",
    help="Set a notebook's parameter.",
)
@click.option("--once", is_flag=True, help="Run each notebook once only, and compare nothing.")
@click.option(
    "--strict", is_flag=True, help="Fail where a blocking check fails; otherwise that is a warning."
)
@click.option("--seed", default=0, help="Take other rows, and make others.")
@click.option("--keep", is_flag=True, help="Keep inputs and outputs also of notebooks that pass.")
@click.option(
    "--save-inputs",
    is_flag=True,
    help="Keep rows of the lake's raw tables in tests/inputs, for every machine.",
)
@click.option(
    "--json", "for_program", is_flag=True, help="Print one JSON object at the end, and nothing else."
)
@color_option
def test(
    names: Sequence[str],
    rows: int,
    params: Sequence[str],
    once: bool,
    strict: bool,
    seed: int,
    keep: bool,
    save_inputs: bool,
    for_program: bool,
) -> None:
    """Run notebooks on small inputs, and see whether they would do as assets.

    Each runs unedited with its default parameters, in a folder that is deleted afterwards: on some rows of the lake,
    on those in tests/inputs, or on rows made from the schemas of its inputs. It passes if it comes to its end, its
    outputs meet their schemas, and a second run gives the same.

    NAMES are notebooks, assets that they give, or files. Without them, all.

    The exit code is 0 if none failed, 1 if one did, 2 for a mistake in the command.
    """
    from assetbook.cli.workspace import open_settings
    from assetbook.testing.bench import Bench

    started, out = time.monotonic(), console()
    settings = open_settings()
    with redirect_stdout(sys.stderr):  # what modules print is not the command's answer
        bench = Bench.open(settings.root, rows=rows, seed=seed, keep=keep)
    with bench:
        chosen = bench.named(names)
        given = _parameters(params, chosen)
        if save_inputs:
            _save(bench, chosen)
        trials = []
        for trial in _trials(bench, chosen, given, again=not once, strict=strict):
            trials.append(trial)
            if not for_program:
                _print_line(trial, out)
    seconds = time.monotonic() - started
    if for_program:
        ok = all(trial.ok for trial in trials)
        say_json({"ok": ok, "seconds": round(seconds, 3), "trials": [trial.as_json() for trial in trials]})
    else:
        _print_end(trials, out, seconds)
    sys.exit(0 if all(trial.ok for trial in trials) else FAILED)


def _trials(
    bench: Bench, chosen: Sequence[Contract], given: dict[Any, dict[str, Any]], *, again: bool, strict: bool
) -> Iterator[Trial]:
    for contract in chosen:
        with redirect_stdout(sys.stderr):
            trial = bench.trial(contract, parameters=given.get(contract.path), again=again, strict=strict)
        yield trial


def _save(bench: Bench, chosen: Sequence[Contract]) -> None:
    """Write the rows that trials are given from now on, and say which."""
    root = bench.linked.workspace.settings.root
    files = bench.save_inputs(chosen)
    for path in files:
        click.echo(f"{path.relative_to(root).as_posix()}  {path.stat().st_size:,} bytes", err=True)
    if not files:
        click.echo("The lake has no rows of a raw table that these notebooks load.", err=True)


# ---- what is shown


def _print_line(trial: Trial, out: Console) -> None:
    from rich.text import Text

    mark, style = MARKS[trial.status]
    seconds = f"{trial.seconds:6.1f} s" if trial.status != "skipped" else " " * 8
    told = trial.message if trial.status == "skipped" else ", ".join(trial.results)
    out.print(
        Text.assemble((mark, style), f"{seconds}  ", (trial.title, "bold"), f"  {told}" if told else ""),
        soft_wrap=True,
    )
    for warning in trial.warnings:
        out.print(Text.assemble(" " * 11, ("! ", "yellow"), warning), soft_wrap=True)


def _print_end(trials: Sequence[Trial], out: Console, seconds: float) -> None:
    from rich.text import Text

    for trial in trials:
        if trial.status == "failed":
            out.print()
            out.print(Text(f"✗ {trial.title}", style="bold red"), soft_wrap=True)
            print_failure(out, trial.message)
        if trial.folder:
            out.print(Text(f"\nInputs and outputs of {trial.name}: {trial.folder}"), soft_wrap=True)
    counts = Counter(trial.status for trial in trials)
    told = ", ".join(f"{counts[status]} {status}" for status in MARKS if counts[status])
    out.print(f"\n{told or 'There is no notebook to test.'}{f' in {seconds:.1f} s' if told else ''}")


# ---- parameters


def _parameters(texts: Sequence[str], chosen: Sequence[Contract]) -> dict[Any, dict[str, Any]]:
    """Read ``notebook.name=value`` texts into values by notebook.

    Raises:
        ParameterError: not of that form, no such notebook or parameter, or a value of the wrong type.
    """
    given: dict[Any, dict[str, Any]] = {}
    for text in texts:
        target, equals, value = text.partition("=")
        notebook, dot, name = target.rpartition(".")
        if not equals or not dot:
            raise ParameterError(
                f"--param {text}: expected NOTEBOOK.NAME=VALUE, such as delay_model.max_iter=100."
            )
        spelled = {each: c for c in chosen for each in (c.name, *(o.name for o in c.outputs))}
        if notebook not in spelled:
            raise ParameterError(
                f"--param {text}: {notebook} is not tested. {did_you_mean(notebook, spelled)}"
            )
        contract = spelled[notebook]
        given.setdefault(contract.path, {})[name] = _value(contract, text, name, value)
    return given


def _value(contract: Contract, text: str, name: str, value: str) -> Any:
    from assetbook.contract.parameters import no_such_parameter

    parameter, partitions = contract.parameter(name), contract.options.partitions
    if parameter is None:
        known = [p.name for p in contract.parameters]
        raise ParameterError(f"--param {text}: {contract.path}: {no_such_parameter(name, known)}")
    if partitions and partitions.parameter == name:  # the partition key
        return value
    try:
        return parameter.to_config(parameter.type.parse(value))
    except ParameterError as error:
        example = shlex.quote(f"{text.partition('=')[0]}={parameter.type.example}")
        raise ParameterError(f"--param {text}: {error}. Write --param {example}, say.") from None
