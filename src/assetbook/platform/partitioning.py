"""Partitions in Dagster's terms: their definition, which of them an asset reads, and the one that a run is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from assetbook.contract import Partitions
from assetbook.contract.partitions import KEY_FORMATS

Definition = dg.PartitionsDefinition[Any]

_WINDOWS: Mapping[str, type[dg.TimeWindowPartitionsDefinition]] = {
    "hourly": dg.HourlyPartitionsDefinition,
    "daily": dg.DailyPartitionsDefinition,
    "weekly": dg.WeeklyPartitionsDefinition,
    "monthly": dg.MonthlyPartitionsDefinition,
}


@dataclass(frozen=True)
class Partitioning:
    """How an asset is partitioned.

    Attributes:
        parameter: the one that receives the partition key.
        definition: Dagster's.
    """

    parameter: str
    definition: Definition


def partitions_definition(partitions: Partitions) -> Definition:
    """Return Dagster's definition of the partitions; ``like`` must have been followed before.

    Monthly keys read ``2013-01``, daily and weekly ones ``2013-01-31``, hourly ones ``2013-01-31-13:00``. Weeks begin
    on the weekday of the start. The last key that the contract names is included.
    """
    if partitions.kind == "static":
        return dg.StaticPartitionsDefinition(list(partitions.keys))
    if partitions.kind == "dynamic":
        return dg.DynamicPartitionsDefinition(name=partitions.name)
    key_format = KEY_FORMATS[partitions.kind]
    start = datetime.strptime(partitions.start or "", key_format)
    end = _next(partitions.kind, datetime.strptime(partitions.end, key_format)) if partitions.end else None
    weekday: dict[str, Any] = {"day_offset": start.isoweekday() % 7} if partitions.kind == "weekly" else {}
    return _WINDOWS[partitions.kind](  # type: ignore[call-arg]  # the four kinds take what their base does not
        start_date=start, end_date=end, fmt=key_format, **weekday
    )


def _next(kind: str, start: datetime) -> datetime:
    """Return the start of the window after the one that starts at `start`: Dagster's end is exclusive."""
    if kind == "monthly":
        return (start + timedelta(days=32)).replace(day=1)
    return start + {"hourly": timedelta(hours=1), "daily": timedelta(days=1)}.get(kind, timedelta(days=7))


def sample_keys(definition: Definition) -> list[str]:
    """Return keys that stand for all: every static one, the first time window, nothing of dynamic ones."""
    if isinstance(definition, dg.TimeWindowPartitionsDefinition):
        return [definition.start.strftime(definition.fmt)]
    if isinstance(definition, dg.StaticPartitionsDefinition):
        return list(definition.get_partition_keys())
    return []


def same_keys(own: Definition, upstream: Definition) -> bool:
    """Whether a key of `own` means the same in `upstream`, wherever the two start and end."""
    match own, upstream:
        case dg.TimeWindowPartitionsDefinition(), dg.TimeWindowPartitionsDefinition():
            return (own.cron_schedule, own.fmt, own.timezone) == (
                upstream.cron_schedule,
                upstream.fmt,
                upstream.timezone,
            )
        case dg.StaticPartitionsDefinition(), dg.StaticPartitionsDefinition():
            return set(own.get_partition_keys()) <= set(upstream.get_partition_keys())
    return own == upstream


def describe(definition: Definition) -> str:
    """Return in a few words what the keys are."""
    match definition:
        case dg.TimeWindowPartitionsDefinition():
            kind = definition.schedule_type.value.lower() if definition.schedule_type else "time"
            return f"{kind} partitions such as {sample_keys(definition)[0]}"
        case dg.StaticPartitionsDefinition():
            keys = sample_keys(definition)
            return f"the partitions {', '.join(keys[:5])}" + (", …" if len(keys) > 5 else "")
        case dg.DynamicPartitionsDefinition():
            return f"the dynamic partitions {definition.name!r}"
    return f"{type(definition).__name__} partitions"


def dependency(
    name: str, *, own: Definition | None, upstream: Definition | None, same_key: bool
) -> dg.AssetDep:
    """Return the dependency on an asset with the partitions that are really read.

    Args:
        name: the upstream asset.
        own: the partitions of the asset that reads.
        upstream: the partitions of the asset that is read.
        same_key: whether the partition of the run's own key is read; otherwise it is the whole table.
    """
    key = dg.AssetKey(name.split("/"))
    if own is None or upstream is None or same_key:
        return dg.AssetDep(key)  # Dagster maps equal keys and time windows by itself
    return dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping())


def run_key(context: dg.AssetExecutionContext, definition: Definition | None) -> str | None:
    """Return the partition that a run is for; None where the asset has none.

    Raises:
        dg.Failure: the run is for no partition, or for a range of them.
    """
    if definition is None:
        return None
    if context.has_partition_key:
        return str(context.partition_key)
    asset = ", ".join(sorted(key.to_user_string() for key in context.selected_asset_keys))
    if context.has_partition_key_range:
        span = context.partition_key_range
        if span.start == span.end:  # so a backfill with a policy asks for one
            return str(span.start)
        raise dg.Failure(
            description=f"{asset}: this run is for the partitions {span.start} to {span.end} at once, but a run makes "
            "one partition. Launch the backfill with one run for each partition.",
            allow_retries=False,
        )
    raise dg.Failure(
        description=f"{asset} has {describe(definition)}, but this run is for none. Launch it with a partition.",
        allow_retries=False,
    )
