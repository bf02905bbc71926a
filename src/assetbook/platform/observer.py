"""What a running notebook shows while it runs: Dagster's event log, the compute logs, the terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Literal, Protocol, TextIO

import dagster as dg

from assetbook.errors import RunError
from assetbook.execute import CellRun
from assetbook.execute.redact import strip_ansi
from assetbook.platform.stepthread import current_step

FLUSH_SECONDS = 0.4
MESSAGE_LIMIT = 8_000  # characters of printed text in one log message
STEP_LIMIT = 400_000  # and in all of one step; the compute logs have everything


class Progress(Protocol):
    """Somebody in this process who follows runs, such as the terminal display."""

    def cell_started(self, op_name: str, number: int, total: int) -> None:
        """Say that a cell of the notebook begins."""


_FOLLOWER: ContextVar[Progress | None] = ContextVar("assetbook_progress", default=None)


@contextmanager
def following(follower: Progress) -> Iterator[None]:
    """Tell `follower` of every cell that runs on this thread within the block."""
    token = _FOLLOWER.set(follower)
    try:
        yield
    finally:
        _FOLLOWER.reset(token)


class StepObserver:
    """Passes a notebook's life on to Dagster as it happens.

    Printed text goes whole to the step's stdout and stderr, so to the compute logs. The event log is told of
    cells, inputs and printed text in messages that gather what happens within `FLUSH_SECONDS`: an entry
    costs milliseconds, a printed line does not.

    Attributes:
        cells: those that have come to their end.
        events: all that the notebook's session has reported.
    """

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self.cells: list[CellRun] = []
        self.events: list[dict[str, Any]] = []
        self._context = context
        self._op_name = context.op_execution_context.op_handle.name
        self._follower = _FOLLOWER.get()
        self._thread = current_step()
        self._can_be_interrupted = False
        self._pending: list[str] = []
        self._room = MESSAGE_LIMIT
        self._left = STEP_LIMIT
        self._omitted = 0
        self._timer: asyncio.TimerHandle | None = None

    def cell_started(self, number: int, total: int) -> None:
        """Log ``cell 7 of 12``."""
        self._let_interrupt()
        self._line(f"cell {number} of {total}")
        if self._follower:
            self._follower.cell_started(self._op_name, number, total)

    def cell_finished(self, number: int, total: int, seconds: float) -> None:
        """Remember the cell, should the run be broken off in a later one."""
        self.cells.append(CellRun(number, seconds, memory_mb=0.0, status="ok"))

    def text(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        """Take printed text: all of it to the compute logs, its beginning to the event log."""
        _write(getattr(self._thread or sys, stream), text)
        shown = text[: max(0, min(self._room, self._left))]
        self._room -= len(shown)
        self._left -= len(shown)
        self._omitted += len(text) - len(shown)
        if shown:
            self._pending.append(shown)
        self._soon()

    def event(self, event: dict[str, Any]) -> None:
        """Keep what the notebook's code did with assets; log what it has not printed itself."""
        self.events.append(event)
        if event.get("event") == "load":
            rows = f": {event['rows']:,} rows" if event.get("rows") is not None else ""
            self._line(f"load {event['name']}, version {event['version']}{rows}")
        if event.get("event") == "log":
            self._line(str(event["message"])[:MESSAGE_LIMIT])

    def flush(self) -> None:
        """Write what has gathered as one log message."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        text = strip_ansi(_as_seen("".join(self._pending))).strip("\n")
        if self._omitted and (self._left or text):  # once nothing is shown any more, not every time
            text += f"\n… and {self._omitted:,} characters more: see the step's stdout"
            self._omitted = 0
        if text.strip():
            self._context.log.info(text)
        self._pending, self._room = [], MESSAGE_LIMIT

    def _let_interrupt(self) -> None:
        """Have an interrupt of this step cancel the task that runs the cells, which ends the kernel."""
        if self._thread is None or self._can_be_interrupted:
            return
        loop, cells = asyncio.get_running_loop(), asyncio.current_task()
        assert cells is not None

        def cancel() -> None:
            with suppress(RuntimeError):  # the cells are done; what they gave is published
                loop.call_soon_threadsafe(cells.cancel)

        self._can_be_interrupted = True
        self._thread.on_interrupt(cancel)

    def _line(self, text: str) -> None:
        open_line = self._pending and not self._pending[-1].endswith("\n")
        self._pending.append("\n" * bool(open_line) + text + "\n")
        self._soon()

    def _soon(self) -> None:
        """Flush before long, whether or not anything more comes."""
        if self._timer is None:
            with suppress(RuntimeError):  # outside the run's event loop: what comes after the last cell
                self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)


def _write(target: TextIO, text: str) -> None:
    encoding = target.encoding or "utf-8"
    try:
        target.write(text.encode(encoding, "backslashreplace").decode(encoding))
        target.flush()
    except OSError as error:
        raise RunError(
            f"Printed text cannot be written to the step's logs: {error.strerror or error}. "
            "Free space or mend the rights."
        ) from error


def _as_seen(text: str) -> str:
    """Return text as a terminal shows it: of a line that is written again and again, a progress bar, the last."""
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
