"""Why a run happened, read from the tags that Dagster and Assetbook put on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REASON_TAG = "assetbook/reason"
USER_TAG = "assetbook/user"


def reason_tag(reasons: Mapping[str, str]) -> dict[str, str]:
    """Return the tag that says, for each computation of a run, why it is run."""
    return {REASON_TAG: "; ".join(f"{op_name}: {reason}" for op_name, reason in reasons.items())}


def trigger(tags: Mapping[str, str], op_name: str) -> dict[str, Any]:
    """Return what started a run: its kind, its name, a sentence, and the evidence that came with it.

    Args:
        tags: of the Dagster run.
        op_name: the computation to tell the reason of; a reason for the whole run is told to all.
    """
    for tag, kind in (
        ("dagster/sensor_name", "sensor"),
        ("dagster/schedule_name", "schedule"),
        ("dagster/backfill", "backfill"),
        ("dagster/from_automation_condition", "automation condition"),
        ("dagster/parent_run_id", "re-execution"),
    ):
        if tag in tags:
            return _described(kind, tags[tag], tags, op_name)
    if USER_TAG in tags:
        return _described("command line", tags[USER_TAG], tags, op_name)
    return _described("user", tags.get("user", "launched by hand"), tags, op_name)


def _described(kind: str, name: str, tags: Mapping[str, str], op_name: str) -> dict[str, Any]:
    reason = tags.get(REASON_TAG)
    for part in (reason or "").split("; "):
        if part.startswith(f"{op_name}: "):
            reason = part.removeprefix(f"{op_name}: ")
    sentence = f"{kind} {name}" + (f": {reason}" if reason else "")
    evidence = {
        k: v for k, v in tags.items() if k.startswith("assetbook/") and k not in {REASON_TAG, USER_TAG}
    }
    return {"kind": kind, "name": name, "reason": reason, "sentence": sentence, "evidence": evidence}
