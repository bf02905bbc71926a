"""Planning and running a workspace on one instance, and what became of each task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assetbook.platform.currency import Currency
from assetbook.platform.latest import Latest
from assetbook.platform.plan import Plan, Planned
from assetbook.platform.runner import Runner
from assetbook.platform.selection import select, tasks_of
from assetbook.platform.units import units
from tests.platform.space import Space


class Seen:
    """A display that keeps what it is shown."""

    def __init__(self) -> None:
        self.states: list[tuple[str, str, str]] = []

    def changed(self, planned: Planned) -> None:
        self.states.append((planned.task.title, planned.state, planned.detail))


def make_plan(
    space: Space,
    selection: str = "*",
    *,
    keys: Sequence[str] = (),
    force: bool = False,
    parameters: dict[str, dict[str, Any]] | None = None,
) -> Plan:
    """Plan a selection of the workspace as `assetbook run` does."""
    space.reload()
    latest = Latest(space.instance)
    found = units(space.linked, space.defs, space.instance)
    chosen = select(found, space.defs, selection)
    tasks = tasks_of(chosen, latest=latest, settings=space.settings, keys=keys)
    currency = Currency(latest, space.lake, space.settings)
    return Plan([Planned(task) for task in tasks], currency, force=force, parameters=parameters or {})


def run_plan(space: Space, selection: str = "*", **options: Any) -> dict[str, tuple[str, str]]:
    """Run a selection; return state and reason by title."""
    plan = make_plan(space, selection, **options)
    Runner(space.defs, space.instance, display=Seen()).run(plan)
    return {planned.task.title: (planned.state, planned.reason) for planned in plan.tasks}


def ran(space: Space, selection: str = "*", **options: Any) -> dict[str, str]:
    """Run a selection; return the reasons of what ran, and fail on anything but done or current."""
    found = run_plan(space, selection, **options)
    wrong = {title: told for title, told in found.items() if told[0] not in {"done", "current"}}
    assert not wrong, wrong
    return {title: reason for title, (state, reason) in found.items() if state == "done"}
