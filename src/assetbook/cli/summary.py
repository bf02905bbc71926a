"""What `assetbook run` says at its end: each asset with its result, its state and why; failures in full."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from assetbook.cli.display import STYLES, by_unit, state_of
from assetbook.cli.failure import print_failure
from assetbook.cli.results import result_of
from assetbook.cli.tables import Column, print_table

if TYPE_CHECKING:
    from assetbook.platform.plan import Plan, Planned, State

MANY = 60  # assets; of more, those that are current are only counted
WORDS: dict[State, str] = {
    "done": "ran",
    "current": "current",
    "failed": "failed",
    "blocked": "not run",
    "broken": "broken",
}


def show_summary(plan: Plan, console: Console, *, seconds: float) -> None:
    """Write the table of assets, the failures in full, and one line of totals."""
    groups = by_unit(plan)
    if len(groups) > MANY:
        groups = [group for group in groups if state_of(group) != "current"]
    console.print()
    if groups:
        _print_table(plan, groups, console)
    for planned in plan.tasks:
        if planned.state in {"failed", "broken"}:
            console.print(f"\n[bold red]✗ {escape(planned.task.title)}[/]")
            print_failure(console, planned.detail or planned.reason)
    console.print(f"\n{_totals(plan)} in {seconds:.1f} s")


def show_interrupted(plan: Plan, console: Console) -> None:
    """Say that the person stopped it, what was running, and what that means."""
    running = [planned for planned in plan.tasks if planned.state == "running"]
    what = ", ".join(p.task.title + (f" ({p.detail})" if p.detail else "") for p in running)
    done = sum(planned.state == "done" for planned in plan.tasks)
    console.print(
        f"[bold yellow]■ Stopped[/]{escape(' while running ' + what if what else '')}. "
        f"Nothing of it was published; what was done before stays ({done} ran).",
        soft_wrap=True,
    )


def as_json(plan: Plan, *, seconds: float, stopped: bool) -> dict[str, Any]:
    """Return the same for a program."""
    return {
        "ok": not stopped and not any(planned.lost for planned in plan.tasks),
        "stopped": stopped,
        "seconds": round(seconds, 3),
        "tasks": [_task_json(planned) for planned in plan.tasks],
        "assets": {
            name: result_of(unit, key, plan.currency).as_json()
            for unit in (group[0].task.unit for group in by_unit(plan))
            for name, key in zip(unit.names, unit.keys, strict=True)
        },
    }


def _task_json(planned: Planned) -> dict[str, Any]:
    return {
        "assets": list(planned.task.unit.names),
        "partition": planned.task.partition,
        "state": planned.state,
        "reason": planned.reason,
        "seconds": round(planned.seconds, 3),
        "message": planned.detail or None,
    }


def _print_table(plan: Plan, groups: list[list[Planned]], console: Console) -> None:
    rows = [row for group in groups for row in _rows(plan, group)]
    asset, group, result, seconds, state, why = zip(*rows, strict=True)
    columns = [
        Column("asset", asset),
        Column("group", group, spare=3),
        Column("result", result, spare=1, folds=True),
        Column("seconds", seconds, spare=2, right=True),
        Column("state", state),
        Column("why", why, folds=True),
    ]
    print_table(console, columns)


def _rows(plan: Plan, group: list[Planned]) -> list[list[str]]:
    """Return a row for each asset of a unit; what they have in common stands in the first."""
    unit = group[0].task.unit
    seconds = sum(planned.seconds for planned in group)
    common = [f"{seconds:.1f}" if seconds else "", _states(group), escape(_why(group))]
    rows = []
    for name, key in zip(unit.names, unit.keys, strict=True):
        result = escape(result_of(unit, key, plan.currency).text)
        rows.append([escape(name), escape(unit.group), result, *common])
        common = ["", "", ""]
    return rows


def _states(group: list[Planned]) -> str:
    counts = Counter(planned.state for planned in group)
    return " ".join(
        f"[{STYLES[state][1]}]{STYLES[state][0]} {state if len(group) == 1 else f'{count} {state}'}[/]"
        for state, count in counts.items()
    )


def _why(group: list[Planned]) -> str:
    """Return the reasons of what ran or could not; those of what is current only if all is.

    What is wrong with a broken asset stands below the table.
    """
    told = [planned for planned in group if planned.state not in {"current", "broken"}] or group
    if told[0].state == "broken":
        return ""
    reasons = list(dict.fromkeys(p.reason.splitlines()[0] for p in reversed(told) if p.reason))
    if not reasons:
        return ""
    same = all(planned.state == "current" for planned in group)
    more = len(reasons) - 1
    return (
        reasons[0] if same or not more else f"{reasons[0]}, and {more} other reason{'s' if more > 1 else ''}"
    )


def _totals(plan: Plan) -> str:
    counts = Counter(planned.state for planned in plan.tasks)
    return ", ".join(f"{counts[s]} {word}" for s, word in WORDS.items() if counts[s]) or "nothing to do"
