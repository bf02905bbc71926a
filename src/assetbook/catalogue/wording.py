"""Numbers, moments and rules as people read them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from assetbook.words import counted

KINDS = {
    "table": "table",
    "model": "model",
    "report": "report",
    "asset": "asset",
    "external": "made elsewhere",
}
STATES = {
    "current": "up to date",
    "stale": "out of date",
    "never": "never made",
    "failed": "failed",
    "broken": "broken",
    "external": "made elsewhere",
}
LISTED = 12  # values of a choice that are spelled out
CELL = 80  # characters of a value in a table of rows
_CALL = re.compile(r"(?P<name>\w+)(?P<arguments>\(.*\))", re.DOTALL)
_COMPARED = {
    "greater_than_or_equal_to": "≥ {}",
    "greater_than": "> {}",
    "less_than_or_equal_to": "≤ {}",
    "less_than": "< {}",
    "equal_to": "= {}",
    "not_equal_to": "≠ {}",
    "str_matches": "matches {}",
    "str_contains": "contains {}",
    "str_startswith": "begins with {}",
    "str_endswith": "ends with {}",
}


def moment(at: datetime) -> str:
    """Return a moment in local time: ``21 Nov 2026, 19:03``."""
    return f"{at.astimezone():%-d %b %Y, %H:%M}"


def duration(seconds: float) -> str:
    """Return ``0.3 s``, ``48 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def span(delta: timedelta) -> str:
    """Return a length of time: ``1 day``, ``36 hours``, ``90 minutes``."""
    seconds = round(delta.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % length == 0:
            return counted(seconds // length, unit)
    return counted(seconds, "second")


def size(count: int) -> str:
    """Return a number of bytes: ``1.6 MB``."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def cell(value: Any) -> str | None:
    """Return a value of a table; None for a missing one."""
    if value is None:
        return None
    if isinstance(value, float):
        text = f"{value:.6g}" if not 1e6 <= abs(value) < 1e15 else f"{value:.0f}"
    else:
        text = " ".join(str(value).split())
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def rule(check: str) -> str:
    """Return what a check of pandera's says in fewer words: ``≥ 0`` for ``greater_than_or_equal_to(0)``."""
    found = _CALL.fullmatch(check)
    try:
        arguments = list(ast.literal_eval(found["arguments"][:-1] + ",)")) if found else []
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # of no check that pandera brings along
        return check
    match (found["name"] if found else check), arguments:
        case ("isin" | "notin") as name, [list() | set() | tuple() as values]:
            return f"{'one of' if name == 'isin' else 'none of'} {_listed(values)}"
        case "in_range", [low, high, *_]:
            return f"{low} to {high}"
        case "str_length", [low, high, *_]:
            return _length(low, high)
        case name, [value] if name in _COMPARED:
            return _COMPARED[name].format(value)
    return check


def rules(checks: Iterable[str]) -> list[str]:
    """Return what checks say, each as `rule` does, and bounds that belong together in one: ``1 to 12``."""
    found = [rule(check) for check in checks]
    low = [text for text in found if text.startswith("≥ ")]
    high = [text for text in found if text.startswith("≤ ")]
    if len(low) == len(high) == 1:
        found[found.index(low[0])] = f"{low[0][2:]} to {high[0][2:]}"
        found.remove(high[0])
    return found


def _length(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"{low} to {high} characters"
    return f"at least {low} characters" if high is None else f"at most {high} characters"


def _listed(values: Iterable[Any]) -> str:
    texts = [str(value) for value in values]
    return ", ".join(texts[:LISTED]) + (f" and {len(texts) - LISTED} more" if len(texts) > LISTED else "")
