"""`assetbook run`: bring a selection of assets up to date."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from assetbook.errors import ParameterError, did_you_mean

if TYPE_CHECKING:
    from assetbook.platform.plan import Plan
    from assetbook.platform.units import Unit

FAILED = 1
INTERRUPTED = 130


@click.command()
@click.argument("selection", default="*")
@click.option(
    "--param", "-p", "params", multiple=True, metavar="ASSET.NAME=VALUE", help="Set a notebook's parameter."
)
@click.option("--partition", "partitions", multiple=True, metavar="KEY", help="A partition, or FIRST..LAST.")
@click.option("--force", is_flag=True, help="Run what is current, too.")
def run(selection: str, params: Sequence[str], partitions: Sequence[str], force: bool) -> None:
    r"""Bring assets up to date: run what is missing or changed, say why, leave the rest.

    SELECTION is Dagster's selection syntax: an asset, +asset (with all it needs), asset+ (with all that
    needs it), group:raw, owner:…, and, or, not. Without it, everything.

    \b
    assetbook run
    assetbook run +delay_model --param delay_model.max_iter=100
    assetbook run flights+ --partition 2013-01..2013-03
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a supervisor's stop is as clean as Ctrl-C
    from assetbook.settings import Settings

    plan, runner = _prepare(selection, params, partitions, force=force)
    with _quiet_streams(Settings.load().data / "run.log") as terminal:
        from assetbook.cli.display import display

        view = display(plan, terminal)
        runner.display = view
        try:
            with view:
                runner.run(plan)
        except KeyboardInterrupt:
            view.interrupted()
            sys.exit(INTERRUPTED)
        view.summary()
    if any(planned.state in {"failed", "blocked", "broken"} for planned in plan.tasks):
        sys.exit(FAILED)


def _prepare(
    selection: str, params: Sequence[str], partitions: Sequence[str], *, force: bool
) -> tuple[Plan, Any]:
    from assetbook.cli.workspace import open_workspace
    from assetbook.lake import Lake
    from assetbook.platform.currency import Currency
    from assetbook.platform.plan import Plan, plan_tasks, select
    from assetbook.platform.runner import Runner

    space = open_workspace()
    chosen = select(space.units, space.definitions, selection)
    parameters = _parameters(params, chosen)
    storage = space.linked.workspace.resources["io_manager"]
    lake = Lake(storage.root, storage_options=storage.storage_options)
    currency = Currency(space.instance, lake, space.settings)
    currency.preload(chosen)
    tasks = plan_tasks(chosen, instance=space.instance, settings=space.settings, keys=list(partitions))
    plan = Plan(tasks, currency, force=force, parameters=parameters)
    return plan, Runner(space.definitions, space.instance, _Nobody())


class _Nobody:
    def changed(self, planned: Any) -> None:
        """Show nothing."""


def _parameters(texts: Sequence[str], units: Sequence[Unit]) -> dict[str, dict[str, Any]]:
    """Read ``asset.name=value`` texts into run configuration by computation.

    Raises:
        ParameterError: not of that form, no such asset or parameter, or a value of the wrong type.
    """
    by_asset = {name: unit for unit in units for name in (*unit.names, unit.op_name)}
    given: dict[str, dict[str, Any]] = {}
    for text in texts:
        target, equals, value = text.partition("=")
        asset, dot, name = target.rpartition(".")
        if not equals or not dot:
            raise ParameterError(
                f"--param {text}: expected ASSET.NAME=VALUE, such as delay_model.max_iter=100."
            )
        if asset not in by_asset:
            raise ParameterError(
                f"--param {text}: {asset!r} is not selected. {did_you_mean(asset, by_asset)}"
            )
        unit = by_asset[asset]
        given.setdefault(unit.op_name, {})[name] = _value(unit, text, name, value)
    return given


def _value(unit: Unit, text: str, name: str, value: str) -> Any:
    contract = unit.node.contract if unit.node else None
    if contract is None:
        raise ParameterError(f"--param {text}: {unit.title} is no notebook and has no parameters.")
    bound = unit.node.partitions.parameter if unit.node and unit.node.partitions else None
    if name == bound:
        raise ParameterError(f"--param {text}: {name!r} receives the partition key. Use --partition {value}.")
    parameter = contract.parameter(name)
    if parameter is None:
        names = [p.name for p in contract.parameters if p.name != bound]
        raise ParameterError(
            f"--param {text}: {contract.path} has no parameter {name!r}. {did_you_mean(name, names)}"
        )
    return parameter.to_config(parameter.from_text(value))


@contextmanager
def _quiet_streams(log: Path) -> Iterator[IO[str]]:
    """Give the real terminal for our own lines alone.

    What steps print is in Dagster's compute logs; what libraries print around them goes to the file `log`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with (
        os.fdopen(os.dup(kept[0]), "w", encoding="utf-8", errors="replace") as terminal,
        log.open("w", encoding="utf-8") as aside,
    ):
        for descriptor in (1, 2):
            os.dup2(aside.fileno(), descriptor)
        try:
            yield terminal
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, original in zip((1, 2), kept, strict=True):
                os.dup2(original, descriptor)
                os.close(original)
