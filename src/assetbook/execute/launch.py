"""What the process of a kernel is started with, whichever way it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Launch:
    """How to start the process of a kernel.

    Attributes:
        command: program and arguments.
        environment: all its variables.
        folder: its working folder.
        private: a folder of its own, for whatever it writes besides its notebook.
        mark: ``NAME=value``, one of its variables that no other process has.
    """

    command: list[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    private: Path
    mark: str

    @property
    def log(self) -> Path:
        """The file for what it prints outside its cells."""
        return self.private / "kernel.log"
