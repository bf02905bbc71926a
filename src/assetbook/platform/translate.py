"""From the contract's options to Dagster's: freshness, automation, retries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import dagster as dg
from dagster_shared.check import CheckError

from assetbook.contract import Freshness, Options
from assetbook.errors import AssetbookError

REFUSALS = (dg.DagsterError, CheckError, AssetbookError)
"""What Dagster and Assetbook raise while an asset is defined whose options make no sense."""


def freshness_policy(freshness: Freshness | None) -> dg.FreshnessPolicy | None:
    """Return Dagster's freshness policy for the contract's."""
    if freshness is None:
        return None
    if freshness.deadline_cron:
        return dg.FreshnessPolicy.cron(
            deadline_cron=freshness.deadline_cron,
            lower_bound_delta=timedelta(seconds=freshness.lower_bound or 0),
            timezone=freshness.timezone,
        )
    return dg.FreshnessPolicy.time_window(
        fail_window=timedelta(seconds=freshness.fail_after or 0),
        warn_window=timedelta(seconds=freshness.warn_after) if freshness.warn_after else None,
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
    """Return how often a failed run is tried again, and after how many seconds."""
    if not options.retries:
        return None
    return dg.RetryPolicy(max_retries=options.retries, delay=options.retry_delay or None)


def refusal(error: BaseException) -> str:
    """Return what one of `REFUSALS` and its causes say, without the words of Dagster's own assertions."""
    said = str(error).rpartition("Description: ")[2].strip()
    return f"{said}: {refusal(error.__cause__)}" if error.__cause__ else said
