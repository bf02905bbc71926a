"""Why a run happened, read from the tags that Dagster and Assetbook put on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

REASON_TAG = "assetbook/reason"
USER_TAG = "assetbook/user"

# The first that a run has tells what started it: an automation condition acts through a sensor, and a
# backfill or a retry keeps the tags of what it came from.
_KINDS = (
    ("dagster/from_automation_condition", "automation condition"),
    ("dagster/sensor_name", "sensor"),
    ("dagster/schedule_name", "schedule"),
    ("dagster/backfill", "backfill"),
    ("dagster/parent_run_id", "re-execution of"),
    (USER_TAG, "command line"),
    ("user", "user"),
)


def reason_tag(reasons: Mapping[str, str]) -> dict[str, str]:
    """Return the tag that says, for each computation of a run, why it is run."""
    return {REASON_TAG: "; ".join(f"{op_name}: {reason}" for op_name, reason in reasons.items())}


def trigger(tags: Mapping[str, str], op_name: str) -> dict[str, Any]:
    """Return what started a run: its kind, its name, a sentence, and the evidence that came with it.

    Args:
        tags: of the Dagster run.
        op_name: the computation to tell the reason of; a reason for the whole run is told to all.
    """
    kind, name = next(
        ((kind, tags[tag]) for tag, kind in _KINDS if tag in tags), ("user", "launched by hand")
    )
    if kind == "automation condition":
        name = tags.get("dagster/sensor_name", "declared by the asset")
    reason = _reason(tags.get(REASON_TAG), op_name)
    return {
        "kind": kind,
        "name": name,
        "reason": reason,
        "sentence": f"{kind} {name}" + (f": {reason}" if reason else ""),
        "evidence": _evidence(tags),
    }


def _reason(text: str | None, op_name: str) -> str | None:
    for part in re.split(r"; (?=\w+: )", text or ""):
        if part.startswith(f"{op_name}: "):
            return part.removeprefix(f"{op_name}: ")
    return text


def _evidence(tags: Mapping[str, str]) -> dict[str, str]:
    own = {REASON_TAG, USER_TAG}
    return {tag: value for tag, value in tags.items() if tag.startswith("assetbook/") and tag not in own}
