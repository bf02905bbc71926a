"""Numbers as people read them, on pages, in tables and in messages."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """Return a number: ``109,100``, ``0.761``, ``2.3e-05``."""
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def counted(count: int, noun: str) -> str:
    """Return ``1 row`` or ``2,000 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
