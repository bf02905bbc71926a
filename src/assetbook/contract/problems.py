"""Collecting what is wrong with one notebook: all of it, each with its file and place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from assetbook.contract.model import Place, Problem


@dataclass(frozen=True)
class Problems:
    """The problems of the notebook ``path``, in the order in which they were met.

    Reading goes on after each, so that an author sees every problem at once.
    """

    path: Path
    found: list[Problem] = field(default_factory=list)

    def add(self, message: str, *, place: Place | None = None) -> None:
        """Note a problem; the same one is noted once."""
        where = f"{self.path}, {place}" if place else f"{self.path}"
        problem = Problem(message=f"{where}: {message}", place=place)
        if problem not in self.found:
            self.found.append(problem)
