"""How an asset stands: current, out of date and why, failed, never made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from assetbook.catalogue.model import Run, State
from assetbook.catalogue.space import Space
from assetbook.platform.selection import tasks_of
from assetbook.platform.units import Unit
from assetbook.words import counted


def standing(space: Space, unit: Unit, runs: Sequence[Run], *, made: bool) -> tuple[State, str]:
    """Return the state of the assets of a unit, and what is to be said of it.

    Args:
        space: the workspace.
        unit: what makes them.
        runs: newest first.
        made: whether there is anything of the asset.

    Raises:
        AssetbookError: something that would have to be looked at cannot be read.
    """
    if unit.problem:
        return "broken", unit.problem
    failed = next(_failed(runs), None)
    if failed is not None:
        return "failed", _unfenced(failed.message) or "It failed without a message."
    if not made:
        return "never", ""
    reasons = list(_reasons(space, unit))
    if not reasons:
        return "current", ""
    partition, reason = reasons[0]
    where = f"{partition}: " if partition else ""
    more = f", and {counted(len(reasons) - 1, 'more partition')}" if len(reasons) > 1 else ""
    return "stale", f"{where}{reason}{more}"


def _failed(runs: Iterable[Run]) -> Iterator[Run]:
    """Give the failed ones among the last runs: of each partition the last one counts."""
    seen: set[str | None] = set()
    for run in runs:
        if run.partition not in seen and run.status == "failure":
            yield run
        seen.add(run.partition)


def _unfenced(message: str) -> str:
    """Return a message without the fences that Dagster's pages need around code."""
    return "\n".join(line for line in message.splitlines() if not line.startswith("```"))


def _reasons(space: Space, unit: Unit) -> Iterator[tuple[str | None, str]]:
    """Give what would run now, and why."""
    currency = space.currency
    for task in tasks_of([unit], latest=currency.latest, settings=space.settings):
        reason = currency.own_reason(task, {}) or currency.data_reason(task)
        if reason is not None:
            yield task.partition, reason
