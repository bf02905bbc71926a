"""What an observer hears of a run: redacted, in order, and nothing of it lost."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from assetbook.errors import RunError
from assetbook.execute.model import Observer
from assetbook.execute.redact import Redactor
from assetbook.session.events import EventReader

EVENT_POLL = 0.1  # seconds between two looks into the event file
_MACHINERY = frozenset(
    {"event", "name", "asset", "staged", "path"}
)  # names and hashes: they must stay as they are


class Relay:
    """Passes a run on to its observer.

    Attributes:
        events: all that have come so far.
    """

    def __init__(self, observer: Observer, *, redactor: Redactor, events: Path | None) -> None:
        self.events: list[dict[str, Any]] = []
        self._observer = observer
        self._redactor = redactor
        self._path = events
        self._reader = EventReader(events) if events else None
        self._redacted = False

    def cell_started(self, number: int, total: int) -> None:
        """Say that a cell begins; the injected one is nobody's business."""
        if number:
            self._observer.cell_started(number, total)

    def cell_finished(self, number: int, total: int, seconds: float) -> None:
        """Say that a cell has ended, after all that it reported."""
        self.poll()
        if number:
            self._observer.cell_finished(number, total, seconds)

    def text(self, stream: str, text: str) -> None:
        """Pass printed text on; it is redacted already."""
        if text:
            self._observer.text("stderr" if stream == "stderr" else "stdout", text)

    def poll(self) -> None:
        """Pass on the events that have come since the last time."""
        for event in self._new():
            self._observer.event(event)

    async def follow(self) -> None:
        """Pass events on as they come, until cancelled."""
        while True:
            self.poll()
            await asyncio.sleep(EVENT_POLL)

    def close(self) -> None:
        """Take secrets out of the event file too, if there are any; the run is over."""
        self._new()
        if self._path is None or not self._redacted:
            return
        draft = self._path.with_name(self._path.name + ".part")
        try:
            draft.write_text("".join(json.dumps(event) + "\n" for event in self.events), "utf-8")
            draft.replace(self._path)
        except OSError as error:
            raise RunError(f"{self._path} cannot be rewritten without secrets: {error}.") from error

    def _new(self) -> list[dict[str, Any]]:
        raw = self._reader.poll() if self._reader else []
        new = [self._clean(event) for event in raw]
        self._redacted |= new != raw
        self.events += new  # before anybody hears of them: an observer that fails loses none
        return new

    def _clean(self, event: dict[str, Any]) -> dict[str, Any]:
        kept = (
            _MACHINERY - {"name"} if event.get("event") == "metric" else _MACHINERY
        )  # its name may be computed
        return {k: v if k in kept else self._redactor.tree(v) for k, v in event.items()}
