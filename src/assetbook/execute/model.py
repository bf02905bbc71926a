"""What goes into a run of a notebook, and what comes out of it: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict

if TYPE_CHECKING:
    from assetbook.execute.failure import CellFailure
    from assetbook.session.context import RunContext

CellStatus = Literal["ok", "failed", "not run", "skipped"]
MB = 1_000_000


@dataclass(frozen=True)
class NotebookJob:
    """One run of one notebook.

    Attributes:
        notebook: the ``.ipynb`` file; it is only read.
        run_dir: the folder for what the run leaves; made if it is not there.
        root: the workspace: the kernel's working folder, importable in the notebook.
        parameters: values for the names of the parameters cell.
        context: what the session in the kernel needs; without it the notebook behaves as in Jupyter.
        secrets: name to value of what must not be written down. A parameter of such a name is hidden
            whatever its value.
        timeout: seconds for all cells together.
        memory: bytes of resident memory of the kernel and its children.
        kernel: name of a kernel specification; the notebook's own by default.
        environment: variables to set in the kernel.
    """

    notebook: Path
    run_dir: Path
    root: Path
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    context: RunContext | None = None
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    timeout: float | None = None
    memory: int | None = None
    kernel: str | None = None
    environment: Mapping[str, str] | None = field(default=None, repr=False)


class Observer(Protocol):
    """Somebody who follows a run while it goes on.

    The calls come from one thread, in order. An exception in one of them ends the run and is raised again.
    """

    def cell_started(self, number: int, total: int) -> None:
        """Hear that a code cell begins."""

    def cell_finished(self, number: int, total: int, seconds: float) -> None:
        """Hear that it has ended, well or not."""

    def text(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        """Take printed text, in pieces, while the cell runs."""

    def event(self, event: dict[str, Any]) -> None:
        """Take one event of the session (`assetbook.session.events`)."""


@dataclass(frozen=True)
class CellRun:
    """How one code cell went.

    Attributes:
        number: counts the code cells from 1.
        seconds: how long it ran.
        memory_mb: the peak of resident memory of the kernel and its children while it ran, in MB (10⁶ bytes).
        status: a cell after the failed one is ``not run``, one tagged ``skip`` is ``skipped``.
    """

    number: int
    seconds: float
    memory_mb: float
    status: CellStatus


class Figure(TypedDict):
    """A picture that a cell showed."""

    cell: int
    png_base64: str


class Shown(TypedDict):
    """A table that a cell showed, as text."""

    cell: int
    text: str


@dataclass(frozen=True)
class NotebookResult:
    """What a run gave.

    Attributes:
        cells: one for each numbered code cell.
        failure: why it did not come to its end, or None.
        events: what the session reported, in order.
        saved: the executed notebook.
        started: ISO 8601 in UTC.
        finished: likewise.
        figures: the first pictures, in order.
        tables: the first tables, in order.
        sources: the code of each numbered cell.
        peak_memory_mb: of the kernel and its children, in MB (10⁶ bytes); without what is shared.
        shared_memory_mb: what a warm kernel has shared with the fork server from the start: libraries mostly,
            which are in memory once for all kernels; 0 for a fresh one.
    """

    cells: tuple[CellRun, ...]
    failure: CellFailure | None
    events: tuple[dict[str, Any], ...]
    saved: Path
    started: str
    finished: str
    figures: tuple[Figure, ...] = field(default=(), repr=False)
    tables: tuple[Shown, ...] = field(default=(), repr=False)
    sources: Mapping[int, str] = field(default_factory=dict, repr=False)
    peak_memory_mb: float = 0.0
    shared_memory_mb: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every cell ran to its end."""
        return self.failure is None
