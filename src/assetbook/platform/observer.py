"""What a running notebook shows while it runs: Dagster's event log, the compute logs, the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import dagster as dg

FLUSH_SECONDS = 0.4
MESSAGE_LIMIT = 8_000  # characters of one log message; the compute logs have everything


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

    Printed text goes to the step's stdout and stderr whole, so to the compute logs, and to the event log in
    messages of a few lines, at most one every `FLUSH_SECONDS`: a log entry costs milliseconds, a printed
    line does not.
    """

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self._context = context
        self._op_name = context.op_execution_context.op_handle.name
        self._follower = _FOLLOWER.get()
        self._pending: list[str] = []
        self._size = 0
        self._flushed = 0.0

    def cell_started(self, number: int, total: int) -> None:
        """Log ``cell 7 of 12``."""
        self.flush()
        self._context.log.info(f"cell {number} of {total}")
        if self._follower:
            self._follower.cell_started(self._op_name, number, total)

    def cell_finished(self, number: int, total: int, seconds: float) -> None:
        """Bring out what the cell printed last."""
        self.flush()

    def text(self, stream: str, text: str) -> None:
        """Take printed text: all of it to the compute logs, its beginning to the event log."""
        target = sys.stderr if stream == "stderr" else sys.stdout
        target.write(text)
        target.flush()
        if self._size < MESSAGE_LIMIT:
            self._pending.append(text[: MESSAGE_LIMIT - self._size])
        self._size += len(text)
        if time.monotonic() - self._flushed > FLUSH_SECONDS:
            self.flush()

    def event(self, event: dict[str, Any]) -> None:
        """Log what the notebook's code does with assets."""
        message = _SENTENCES.get(str(event.get("event")))
        if message:
            self.flush()
            self._context.log.info(message(event))

    def flush(self) -> None:
        """Write the pending text as one log message."""
        text = "".join(self._pending).rstrip("\n")
        more = self._size - sum(map(len, self._pending))
        if text.strip():
            note = f"\n… and {more:,} characters more: see the step's stdout" if more else ""
            self._context.log.info(text + note)
        self._pending, self._size, self._flushed = [], 0, time.monotonic()


def _check_sentence(event: dict[str, Any]) -> str:
    return f"check {event['name']}: {'passed' if event['passed'] else 'FAILED'}"


_SENTENCES: dict[str, Any] = {
    "load": lambda e: (
        f"load {e['name']}: {e['rows']:,} rows" if e.get("rows") is not None else f"load {e['name']}"
    ),
    "save": lambda e: f"save {e['staged']['name']}: {e['staged']['rows']:,} rows, staged",
    "check": _check_sentence,
    "metric": lambda e: f"metric {e['name']} = {e['value']}",
    "model": lambda e: f"save model {e['name']}, staged",
    "log": lambda e: str(e["message"]),
}
