"""What the last materialization of an asset gave, in a few words: rows, or a model's version and metrics."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from assetbook.words import counted, number

if TYPE_CHECKING:
    from dagster import AssetKey

    from assetbook.platform.currency import Currency
    from assetbook.platform.latest import Made
    from assetbook.platform.units import Unit

NOT_METRICS = {"seconds", "peak memory (MB)"}  # of every notebook, and no result of it
SHOWN_METRICS = 3


@dataclass(frozen=True)
class Result:
    """What there is of an asset: of a partitioned one, all partitions together."""

    at: float | None = None
    rows: int | None = None
    partitions: int | None = None
    version: int | None = None
    report: bool = False
    metrics: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Such as ``51,955 rows in 2 partitions`` or ``version 3 · auc 0.761``; empty if there is nothing."""
        if self.at is None:
            return ""
        parts = [] if self.version is None else [f"version {self.version}"]
        if self.rows is not None:
            parts.append(counted(self.rows, "row"))
        if self.partitions is not None:
            parts[-1:] = [" in ".join([*parts[-1:], counted(self.partitions, "partition")])]
        if self.report and not self.metrics:
            parts.append("report")
        shown = list(self.metrics.items())[:SHOWN_METRICS]
        parts += [f"{name} {number(value)}" for name, value in shown]
        return " · ".join(parts)

    @property
    def when(self) -> str:
        """The minute of the last materialization, in local time."""
        return f"{datetime.fromtimestamp(self.at):%Y-%m-%d %H:%M}" if self.at else ""

    def as_json(self) -> dict[str, Any]:
        """Return what is known of it, ready for JSON."""
        facts = {
            "materialized": datetime.fromtimestamp(self.at, UTC).isoformat() if self.at else None,
            "rows": self.rows,
            "partitions": self.partitions,
            "version": self.version,
            "metrics": {name: finite(value) for name, value in self.metrics.items()},
        }
        return {name: value for name, value in facts.items() if value not in (None, {})}


def result_of(unit: Unit, key: AssetKey, currency: Currency) -> Result:
    """Return what there is of an asset."""
    made = currency.latest.newest(key)
    if made is None:
        return Result()
    rows, partitions = made.metadata.get("dagster/row_count"), None
    if unit.partitions is not None:
        partitions = len(currency.latest.partitions(key))
        table = currency.table("/".join(key.path)) if rows is not None else None
        rows = table.rows if table else None
    return Result(
        at=made.at,
        rows=rows,
        partitions=partitions,
        version=made.metadata.get("model version"),
        report=unit.node is not None and unit.node.contract.outputs[0].kind == "report",
        metrics=metrics(made),
    )


def metrics(made: Made) -> dict[str, float]:
    """Return the metrics that a notebook has reported, in its order."""
    return {
        name: value
        for name, value in made.metadata.items()
        if isinstance(value, float) and name not in NOT_METRICS and "/" not in name
    }


def finite(value: Any) -> Any:
    """Return a value, or None for a number that JSON does not have."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def moment(at: float | str) -> str:
    """Return a moment, given in seconds or ISO 8601, in local time."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at, UTC)
    return f"{found.astimezone():%Y-%m-%d %H:%M:%S}"
