"""Durations, sizes and cron strings, as ``ab.asset`` takes them."""

from __future__ import annotations

import re
from typing import Any

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES = {
    "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
_QUANTITY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")
_CRON_PART = r"(\*|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(/[0-9]+)?"
_CRON_FIELD = re.compile(rf"{_CRON_PART}(,{_CRON_PART})*")
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def parse_duration(value: Any) -> float:
    """Return seconds: of a number of them, or of "10s", "5m", "1h", "1d", "2w"; ValueError for others."""
    return _quantity(value, _SECONDS, 'seconds, or a duration such as "10s", "5m", "1h" or "1d"')


def parse_size(value: Any) -> int:
    """Return bytes: of a number of them, or of "512MB" (powers of 1000), "2GiB" (of 1024); else ValueError."""
    return int(_quantity(value, _BYTES, 'bytes, or a size such as "512MB" or "2GB"'))


def parse_cron(value: Any) -> str:
    """Return a cron string of five fields with single spaces; ValueError for others."""
    fields = value.split() if isinstance(value, str) else []
    if len(fields) != 5 or not all(_CRON_FIELD.fullmatch(field) for field in fields):
        raise ValueError(f'expected a cron string of five fields such as "0 9 * * *", found {value!r}')
    for field, (low, high) in zip(fields, _CRON_RANGES, strict=True):
        for number in re.findall(r"(?<![/\d])\d+", field):
            if not low <= int(number) <= high:
                raise ValueError(f"{number} in the cron string {value!r} is not in {low}-{high}")
    return " ".join(fields)


def _quantity(value: Any, units: dict[str, int], expected: str) -> float:
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if found and found[2] in units:
        value = float(found[1]) * units[found[2]]
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError(f"expected {expected}, found {value!r}")
    return float(value)
