"""Small plots of a metric's history."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assetbook.catalogue.model import Metric
from assetbook.words import counted, number

WIDTH, HEIGHT = 180, 36
MARGIN = 4
SHOWN = 40  # values


@dataclass(frozen=True)
class Plot:
    """A line from left to right, its last point, and what it shows in words."""

    points: str
    x: float
    y: float
    words: str
    width: int = WIDTH
    height: int = HEIGHT


def plot(metric: Metric) -> Plot | None:
    """Return the plot of a metric; None where there are not two values."""
    shown = metric.points[-SHOWN:]
    if len(shown) < 2:
        return None
    values = [point.value for point in shown]
    low, high = min(values), max(values)
    step = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    places = [(MARGIN + n * step, _height(value, low, high)) for n, value in enumerate(values)]
    words = (
        f"{metric.name} in {counted(len(values), 'run')}, from {shown[0].label} to {shown[-1].label}: "
        f"first {number(values[0])}, last {number(values[-1])}, lowest {number(low)}, highest {number(high)}"
    )
    (x, y), line = places[-1], " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return Plot(line, round(x, 1), round(y, 1), words)


def _height(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if 0 < high - low < math.inf else 0.5
    return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)
