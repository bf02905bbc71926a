"""What is printed: medians while they come, one line for each figure, and a table of the targets at the end."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.targets import TARGETS

Unit = Literal["ratio", "seconds", "ms", "mb", "count"]


@dataclass
class Report:
    """Prints what is measured, and remembers what there are targets for.

    Attributes:
        failures: what could not be measured, and why.
    """

    failures: list[str] = field(default_factory=list)
    _judged: list[tuple[Unit, str, float, float]] = field(default_factory=list)

    def title(self, text: str) -> None:
        """Begin a group."""
        print(f"\n{text}", flush=True)

    def note(self, text: str) -> None:
        """Print something besides the figures."""
        print(f"{'':11}  {text}", flush=True)

    def samples(self, samples: Mapping[str, Sequence[float]]) -> None:
        """Print the median of each candidate, and between what its rounds lay."""
        for name, values in samples.items():
            if values:
                least, most = min(values), max(values)
                print(f"{statistics.median(values):9.3f} s  {name}  ({least:.3f} to {most:.3f})", flush=True)

    def figure(self, unit: Unit, name: str, value: float) -> None:
        """Print one figure in the form that tools read: ``UNIT NAME VALUE``, and its target behind it."""
        target = TARGETS.get(name)
        aim = "" if target is None else f"  (target ≤ {_shown(unit, target)})"
        print(f"{unit} {name} {_shown(unit, value)}{aim}", flush=True)
        if target is not None:
            self._judged.append((unit, name, value, target))

    def failed(self, what: str, error: Exception) -> None:
        """Say that something could not be measured; the rest goes on."""
        self.failures.append(f"{what}: {error}")
        print(f"FAILED {what}: {error}", flush=True)

    def table(self) -> None:
        """Print how each target was met."""
        if self._judged:
            print("\nTargets")
        for unit, name, value, target in self._judged:
            met = "" if value <= target else "  MISSED"
            print(f"{_shown(unit, value):>10} {unit:<8} {name:<28} target ≤ {_shown(unit, target):<8}{met}")
        for failure in self.failures:
            print(f"FAILED {failure}")


def _shown(unit: Unit, value: float) -> str:
    match unit:
        case "ratio":
            return f"{value:.2f}" if value >= 1 else f"{value:.3f}"
        case "seconds":
            return f"{value:.3f}"
        case "count":
            return f"{value:.0f}"
        case _:
            return f"{value:.1f}"
