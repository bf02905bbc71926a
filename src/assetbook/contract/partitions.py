"""The ``partitions`` of ``ab.asset``: how an asset is cut, and the parameter that receives the key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from assetbook.contract.model import PartitionKind, Partitions

EXAMPLE = (
    '{"month": "monthly from 2013-01"}, {"day": "daily from 2013-01-01 to 2013-12-31"}, '
    '{"origin": ["EWR", "JFK"]}, {"customer": "dynamic customers"} or {"month": "like flights"}'
)

KEY_FORMATS = {"hourly": "%Y-%m-%d-%H:%M", "daily": "%Y-%m-%d", "weekly": "%Y-%m-%d", "monthly": "%Y-%m"}
_SAMPLES = {
    "hourly": "2013-01-01-00:00",
    "daily": "2013-01-01",
    "weekly": "2013-01-01",
    "monthly": "2013-01",
}
_TIMES = re.compile(r"(?P<kind>\w+)\s+from\s+(?P<start>\S+)(\s+to\s+(?P<end>\S+))?")
_NAMED = re.compile(r"(?P<kind>dynamic|like)\s+(?P<name>\w+)")
_REFUSED = ("...", ",", "|", "[", "]", "\a", "\b", "\f", "\n", "\r", "\t", "\v", "\0")  # Dagster's


def parse_partitions(value: Any) -> Partitions:
    """Return what the argument says.

    Raises:
        ValueError: it says nothing that can be understood; the text gives found and expected.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        raise ValueError(f"expected one parameter and its partitions, such as {EXAMPLE}, found {value!r}")
    [(parameter, cut)] = value.items()
    if not isinstance(parameter, str) or not parameter.isidentifier():
        raise ValueError(f"expected the name of a parameter, found {parameter!r}")
    if isinstance(cut, list | tuple):
        return Partitions(parameter, "static", keys=_keys(cut))
    if isinstance(cut, str) and (named := _NAMED.fullmatch(cut.strip())):
        if named["kind"] == "like":
            return Partitions(parameter, "like", like=named["name"])
        return Partitions(parameter, "dynamic", name=named["name"])
    times = _TIMES.fullmatch(cut.strip()) if isinstance(cut, str) else None
    if not times or times["kind"] not in KEY_FORMATS:
        raise ValueError(f"expected partitions such as {EXAMPLE}, found {value!r}")
    return _times(parameter, times["kind"], times["start"], times["end"])


def _times(parameter: str, kind: str, start: str, end: str | None) -> Partitions:
    first = _moment(kind, start)
    last = _moment(kind, end) if end else None
    if last and last < first:
        raise ValueError(f"the end {end} is before the start {start}")
    key_format = KEY_FORMATS[kind]
    return Partitions(
        parameter,
        cast(PartitionKind, kind),
        start=first.strftime(key_format),
        end=last.strftime(key_format) if last else None,
    )


def _moment(kind: str, text: str) -> datetime:
    try:
        if kind == "hourly" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            text += "-00:00"
        return datetime.strptime(text, KEY_FORMATS[kind])
    except ValueError:
        raise ValueError(f"{kind} partitions start and end like {_SAMPLES[kind]}, found {text!r}") from None


def _keys(cut: Sequence[Any]) -> tuple[str, ...]:
    wrong = [key for key in cut if not isinstance(key, str) or not key]
    if wrong or not cut:
        raise ValueError(f'expected keys as text, such as ["EWR", "JFK"], found {cut!r}')
    refused = [key for key in cut if any(part in key for part in _REFUSED)]
    if refused:
        raise ValueError(f"partition keys cannot hold control characters or any of , | [ ] ...: {refused}")
    if len(set(cut)) < len(cut):
        raise ValueError(f"a partition key is listed twice in {cut!r}")
    return tuple(cut)
