"""Values for one column of a schema: of its type, within what its checks allow, plausible where they allow much.

Columns of one name draw from one pool, whatever table they are in: so tables that are made can be joined.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal
from zlib import crc32

import numpy as np
import pandas as pd

from assetbook.testing.patterns import UnknownPatternError, matching

Kind = Literal["int", "float", "bool", "text", "moment", "date", "duration", "category", "decimal"]
Period = tuple[datetime, datetime]

POOL = 40  # different texts of a column that may have them more than once
NUMBERS = (1, 100)  # of a column that bounds them on neither side
SPAN = 100  # of one that bounds them on one side
NULLS = 0.1  # share of missing values, where they are allowed
PERIOD: Period = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
_BEGINNINGS: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (("int", "uint"), "int"),
    (("float", "double"), "float"),
    (("bool",), "bool"),
    (("str", "object", "utf8"), "text"),
    (("datetime", "timestamp"), "moment"),
    (("date",), "date"),
    (("timedelta", "duration"), "duration"),
    (("categor", "enum"), "category"),
    (("decimal",), "decimal"),
)


class NotMadeError(Exception):
    """Rows cannot be made from a schema; the message says which column or check is in the way."""


@dataclass(frozen=True)
class Column:
    """What a schema says of one column, as far as values are made of it.

    Attributes:
        name: of the column.
        dtype: pandera's; None for any.
        checks: name of each of pandera's own checks to what it is given.
        nullable: whether values may be missing.
        unique: whether each value may stand once.
    """

    name: str
    dtype: Any
    checks: Mapping[str, Mapping[str, Any]]
    nullable: bool = False
    unique: bool = False

    @classmethod
    def of(cls, name: str, column: Any) -> Column:
        """Read a column or an index level of a pandera schema."""
        checks = {str(check.name): dict(check.statistics or {}) for check in column.checks}
        return cls(name, column.dtype, checks, bool(column.nullable), bool(column.unique))

    @cached_property
    def kind(self) -> Kind:
        """What kind of values it has.

        Raises:
            NotMadeError: none that are made here.
        """
        text = str(self.dtype).lower() if self.dtype is not None else self._guess()
        for beginnings, kind in _BEGINNINGS:
            if text.startswith(beginnings):
                return kind
        raise NotMadeError(f"column {self.name!r} is of the type {self.dtype}, of which no values are made")

    def _guess(self) -> str:
        if any(name.startswith("str_") for name in self.checks):
            return "str"
        allowed = self._allowed
        return "str" if allowed is not None and isinstance(allowed[0], str) else "float"

    # ---- values

    def values(self, count: int, *, rng: np.random.Generator, period: Period) -> list[Any]:
        """Return `count` values, None where one is missing; of a unique column fewer, where there are no more.

        Raises:
            NotMadeError: what its checks ask for is not understood.
        """
        if (allowed := self._allowed) is not None:
            found = self._chosen(allowed, count, rng)
        elif self.kind in ("int", "float", "decimal", "duration"):
            found = self._numbers(count, rng)
        elif self.kind in ("moment", "date"):
            found = self._moments(count, rng, period)
        elif self.kind == "bool":
            found = self._chosen([False, True], count, rng)
        else:
            found = self._chosen(self._texts(count if self.unique else POOL), count, rng)
        if self.nullable and not self.unique:
            missing = rng.random(len(found)) < NULLS
            return [None if gone else value for value, gone in zip(found, missing, strict=True)]
        return found

    @property
    def _allowed(self) -> list[Any] | None:
        """The values that are listed in the schema, None where they are not."""
        if "isin" in self.checks:
            listed = list(self.checks["isin"]["allowed_values"])
            return sorted(listed, key=repr) if listed else None
        if "equal_to" in self.checks:
            return [self.checks["equal_to"]["value"]]
        categories = getattr(getattr(self.dtype, "type", None), "categories", None)
        return list(categories) if categories is not None and len(categories) else None

    def _chosen(self, pool: Sequence[Any], count: int, rng: np.random.Generator) -> list[Any]:
        if self.unique:
            return list(pool[:count])
        return [pool[place] for place in rng.integers(0, len(pool), count)]

    # ---- numbers

    def _bounds(self) -> tuple[Any, Any]:
        """Return the lowest and the highest value that the checks allow, None where they do not say."""
        low = high = None
        for name, given in self.checks.items():
            if name in ("greater_than", "greater_than_or_equal_to", "in_range"):
                low = given["min_value"] if low is None else max(low, given["min_value"])
            if name in ("less_than", "less_than_or_equal_to", "in_range"):
                high = given["max_value"] if high is None else min(high, given["max_value"])
        return low, high

    @property
    def _open(self) -> tuple[bool, bool]:
        """Whether the bounds themselves are not allowed."""
        inside = self.checks.get("in_range", {})
        return (
            "greater_than" in self.checks or inside.get("include_min") is False,
            "less_than" in self.checks or inside.get("include_max") is False,
        )

    def _numbers(self, count: int, rng: np.random.Generator) -> list[Any]:
        low, high = self._bounds()
        if self.kind == "duration":
            hours = rng.integers(0, 48, count)
            first = pd.Timedelta(0) if low is None else pd.Timedelta(low)
            return [first + pd.Timedelta(hours=int(hour) + self._open[0]) for hour in hours]
        if low is None and high is None:
            low, high = NUMBERS
        low = high - SPAN if low is None else low
        high = low + SPAN if high is None else high
        if self.kind == "int":
            return self._whole(math.ceil(low), math.floor(high), count, rng)
        drawn = rng.uniform(float(low), float(high), count).round(3).clip(float(low), float(high))
        return [Decimal(str(value)) for value in drawn] if self.kind == "decimal" else drawn.tolist()

    def _whole(self, low: int, high: int, count: int, rng: np.random.Generator) -> list[int]:
        after, before = self._open
        low, high = low + after, high - before
        if self.unique:
            bounded = any(name.startswith(("less_than", "in_range")) for name in self.checks)
            return list(range(low, min(low + count, high + 1) if bounded else low + count))
        if high < low:
            raise NotMadeError(f"column {self.name!r} allows no number")
        return [int(value) for value in rng.integers(low, high, count, endpoint=True)]

    # ---- times

    def _moments(self, count: int, rng: np.random.Generator, period: Period) -> list[Any]:
        """Return whole hours, or days, of the period or of the bounds that the checks set."""
        first, last = (None if bound is None else _utc(bound) for bound in self._bounds())
        start = first or (min(period[0], last) if last else period[0])
        end = last or (max(period[1], start + (period[1] - period[0])))
        step = timedelta(days=1) if self.kind == "date" else timedelta(hours=1)
        steps = max(1, int((end - start) / step))
        skipped = int(self._open[0])
        places = range(skipped, count) if self.unique else rng.integers(skipped, max(steps, 2), count)
        moments = [pd.Timestamp(start) + int(place) * step for place in places]
        if self.kind == "date":
            return [moment.date() for moment in moments]
        aware = "utc" in str(self.dtype).lower() or _zone(self.dtype) is not None
        return moments if aware else [moment.tz_localize(None) for moment in moments]

    # ---- texts

    def _texts(self, count: int) -> list[str]:
        patterns = [
            str(self.checks[n]["pattern"]) for n in ("str_matches", "str_contains") if n in self.checks
        ]
        seed = f"{self.name}\0{patterns}"
        try:
            texts = (
                matching(_contained(patterns[0], self.checks), most=count, seed=seed)
                if patterns
                else [f"{self.name} {number}" for number in range(1, count + 1)]
            )
        except UnknownPatternError as reason:
            raise NotMadeError(
                f"column {self.name!r} must match {patterns[0]!r}, and no texts are made for {reason}"
            ) from None
        if not texts:
            raise NotMadeError(f"column {self.name!r}: no text was found that matches {patterns[0]!r}")
        return list(dict.fromkeys(self._fitted(text) for text in texts))

    def _fitted(self, text: str) -> str:
        """Return a text with the beginning, the end and the length that the checks ask for."""
        start = str(self.checks.get("str_startswith", {}).get("string", ""))
        end = str(self.checks.get("str_endswith", {}).get("string", ""))
        length = self.checks.get("str_length", {})
        low = length.get("exact_value") or length.get("min_value") or 0
        high = length.get("exact_value") or length.get("max_value")
        room = None if high is None else max(0, int(high) - len(start) - len(end))
        if room is not None and len(text) > room:  # the last letters are those that differ
            text = text[len(text) - room :]
        return start + text.ljust(int(low) - len(start) - len(end), "x") + end


def _contained(pattern: str, checks: Mapping[str, Any]) -> str:
    return pattern if "str_matches" in checks else f"(?:{pattern})"


def _utc(bound: Any) -> datetime:
    moment = pd.Timestamp(bound)
    moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
    found: datetime = moment.to_pydatetime()
    return found


def _zone(dtype: Any) -> Any:
    kind = getattr(dtype, "type", None)
    return getattr(kind, "tz", None) or getattr(kind, "time_zone", None)


def seeded(*words: object) -> np.random.Generator:
    """Return a generator whose draws depend on these words alone."""
    return np.random.default_rng(crc32("\0".join(map(str, words)).encode()))
