"""From the contract's words to Dagster's: partitions, freshness, automation, retries, run configuration."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from assetbook.contract import Freshness, Options, Partitions
from assetbook.contract.parameters import Parameter, TypeSpec

WINDOWS: dict[str, tuple[type[dg.TimeWindowPartitionsDefinition], str]] = {
    "hourly": (dg.HourlyPartitionsDefinition, "%Y-%m-%dT%H"),
    "daily": (dg.DailyPartitionsDefinition, "%Y-%m-%d"),
    "weekly": (dg.WeeklyPartitionsDefinition, "%Y-%m-%d"),
    "monthly": (dg.MonthlyPartitionsDefinition, "%Y-%m"),
}


def partitions_definition(partitions: Partitions | None) -> dg.PartitionsDefinition[Any] | None:
    """Return Dagster's definition of the partitions; ``like`` must have been followed before.

    Monthly keys read ``2013-01``, daily and weekly ones ``2013-01-31``, hourly ones ``2013-01-31T13``.
    The last key that the contract names is included.
    """
    if partitions is None:
        return None
    if partitions.kind == "static":
        return dg.StaticPartitionsDefinition(list(partitions.keys))
    if partitions.kind == "dynamic":
        return dg.DynamicPartitionsDefinition(name=partitions.name or partitions.parameter)
    definition, form = WINDOWS[partitions.kind]
    end = _after(partitions.kind, datetime.strptime(partitions.end, form), form) if partitions.end else None
    return definition(start_date=partitions.start or "", end_date=end, fmt=form)  # type: ignore[call-arg]


def _after(kind: str, last: datetime, form: str) -> str:
    """Return the start of the window after the one that starts at `last`: Dagster's end is exclusive."""
    if kind == "monthly":
        following = (last.replace(day=1) + timedelta(days=32)).replace(day=1)
    else:
        following = last + {"hourly": timedelta(hours=1), "daily": timedelta(days=1)}.get(
            kind, timedelta(days=7)
        )
    return following.strftime(form)


def dependency(
    name: str, *, own: Partitions | None, upstream: Partitions | None, bound_to: str | None
) -> dg.AssetDep:
    """Return the dependency on `name` with the partitions that the notebook really reads.

    ``ab.load(name, partition=<the partition parameter>)`` reads the partition of the same key; every other
    load reads the whole table, so all of its partitions.

    Args:
        name: the upstream asset.
        own: the partitions of the asset that loads.
        upstream: the partitions of the asset that is loaded.
        bound_to: the parameter that the load passes as its partition.
    """
    key = dg.AssetKey(name.split("/"))
    if upstream is None or own is None:
        return dg.AssetDep(key)
    if bound_to == own.parameter:
        return dg.AssetDep(key)  # Dagster maps equal keys and time windows by itself
    return dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping())


def freshness_policy(freshness: Freshness | None) -> dg.FreshnessPolicy | None:
    """Return Dagster's freshness policy for the contract's."""
    if freshness is None:
        return None
    if freshness.deadline_cron:
        return dg.FreshnessPolicy.cron(
            deadline_cron=freshness.deadline_cron,
            lower_bound_delta=timedelta(seconds=freshness.lower_bound or 3600),
            timezone=freshness.timezone,
        )
    warn = timedelta(seconds=freshness.warn_after) if freshness.warn_after else None
    return dg.FreshnessPolicy.time_window(
        fail_window=timedelta(seconds=freshness.fail_after or 0), warn_window=warn
    )


def automation_condition(automation: str | None) -> dg.AutomationCondition[Any] | None:
    """Return the condition for ``eager``, ``on_missing`` or ``on_cron <five fields>``.

    Eager waits neither for partitions that never arrived nor past a failed blocking check.
    """
    if automation is None:
        return None
    if automation == "eager":
        eager = dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())
        return eager & dg.AutomationCondition.all_deps_blocking_checks_passed()
    if automation == "on_missing":
        return dg.AutomationCondition.on_missing()
    return dg.AutomationCondition.on_cron(automation.removeprefix("on_cron").strip())


def retry_policy(options: Options) -> dg.RetryPolicy | None:
    """Return how often a failed run of the notebook is tried again, and after how many seconds."""
    if not options.retries:
        return None
    return dg.RetryPolicy(max_retries=options.retries, delay=options.retry_delay or None)


def config_schema(parameters: Iterable[Parameter], *, owner: str) -> dict[str, dg.Field]:
    """Return the launch form of a notebook: a typed field with default and description for each parameter.

    Args:
        parameters: those that a person may set (not the one bound to the partition key).
        owner: a name that keeps the choices of different notebooks apart.
    """
    return {
        p.name: dg.Field(
            _config_type(p.type, f"{owner}_{p.name}"),
            default_value=p.to_config(p.default),
            is_required=False,
            description=p.description,
        )
        for p in parameters
    }


def _config_type(spec: TypeSpec, name: str) -> Any:
    """Return the Dagster config type nearest to `spec`; what Dagster cannot say, `Parameter.validate` checks."""
    if spec.kind == "literal":
        if all(isinstance(choice, str) for choice in spec.choices):
            return dg.Enum(name, [dg.EnumValue(str(choice)) for choice in spec.choices])
        return dg.Any
    if spec.kind == "union":
        members = [arg for arg in spec.args if arg.kind != "none"]
        inner = _config_type(members[0], name) if len(members) == 1 else dg.Any
        return dg.Noneable(inner) if spec.optional else inner
    if spec.kind == "list":
        return dg.Array(_config_type(spec.args[0], name) if spec.args else dg.Any)
    if spec.kind == "dict":
        plain = len(spec.args) == 2 and spec.args[0].kind == "str"
        # a plain mapping is how Dagster spells a dictionary of any keys
        return dg.Map(str, _config_type(spec.args[1], name)) if plain else dict  # type: ignore[no-untyped-call]
    scalars: dict[str, Any] = {
        "str": dg.StringSource,
        "int": dg.IntSource,
        "bool": dg.BoolSource,
        "float": float,
        "date": str,
        "datetime": str,
    }
    return scalars.get(spec.kind, dg.Any)
