"""How long ago something was, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from assetbook.words import counted

MASK = "***"  # stands for the value of a secret parameter
_STEPS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def age(moment: str, *, now: datetime | None = None) -> str:
    """Return how long ago a moment was, given in ISO 8601: ``3 hours ago``."""
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(moment)).total_seconds()
    for length, unit in _STEPS:
        if seconds >= length:
            return f"{counted(int(seconds // length), unit)} ago"
    return "just now"


def when(moment: datetime, *, today: datetime | None = None) -> str:
    """Return a moment of the local clock, with its day if that is not today: ``14:03``."""
    is_today = moment.date() == (today or datetime.now()).date()
    return f"{moment:%H:%M}" if is_today else f"{moment:%Y-%m-%d %H:%M}"
