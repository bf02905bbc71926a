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
        mark: ``NAME=value``, one of its variables that no other process has.
        output: descriptor of the file for what it prints outside its cells.
        private: a folder of its own, which is removed when this process is killed.
    """

    command: list[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    mark: str
    output: int
    private: Path | None = None
