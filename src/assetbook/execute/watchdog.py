"""The limits of a run: a thread that measures memory and time, and ends the kernel when one is passed.

It is a thread so that neither a blocked kernel nor a slow reader of its output can keep it from its work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assetbook.execute import processes

INTERVAL = 0.2  # seconds between two measurements


@dataclass(frozen=True)
class Breach:
    """A limit that was passed: seconds for a timeout, bytes for memory."""

    kind: Literal["timeout", "memory"]
    limit: float
    found: float


class Watchdog:
    """Watches one kernel from the first cell to the last.

    Attributes:
        breach: the limit that was passed, or None.
        peak: the highest resident memory of the kernel and its children so far, in bytes; without what a
            warm kernel has shared with the fork server from the start.
        shared: what that is, in bytes; 0 for a fresh kernel.
    """

    def __init__(
        self, pid: int, *, timeout: float | None, memory: int | None, kill: Callable[[], None]
    ) -> None:
        self.breach: Breach | None = None
        self.peak = 0
        self.shared = 0
        self._pid = pid
        self._timeout = timeout
        self._memory = memory
        self._kill = kill
        self._since_mark = 0
        self._high_water = 0
        self._ready = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="assetbook-watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch; the time limit counts from here."""
        self._begun = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def mark(self) -> int:
        """Return the memory peak since the last call (or the start), in bytes.

        Peaks between two measurements are seen where the system keeps a high-water mark of the kernel.
        """
        self._ready.wait()
        now, high_water = processes.footprint(self._pid)
        risen = high_water if high_water > self._high_water else 0
        peak = max(self._own(now), self._own(risen), self._since_mark)
        self._high_water = max(high_water, self._high_water)
        self._since_mark = 0
        self.peak = max(self.peak, peak)
        return peak

    def _watch(self) -> None:
        try:  # takes some milliseconds, while the first cell begins
            _, self._high_water = processes.footprint(self._pid)
            self.shared = processes.inherited(self._pid)
        finally:
            self._ready.set()
        while not self._stopped.wait(self._pause()):
            self.breach = self._measure()
            if self.breach:
                self._kill()
                return

    def _pause(self) -> float:
        if self._timeout is None:
            return INTERVAL
        return max(0.0, min(INTERVAL, self._begun + self._timeout - time.monotonic()))

    def _own(self, resident: int) -> int:
        return max(0, resident - self.shared)

    def _measure(self) -> Breach | None:
        running = time.monotonic() - self._begun
        if self._timeout is not None and running >= self._timeout:
            return Breach("timeout", self._timeout, running)
        members = processes.tree(self._pid)
        used = self._own(processes.resident(members))
        if self._memory is not None and used > self._memory and len(members) > 1:
            used = self._own(processes.resident(members, shared_once=True))
        self._since_mark = max(self._since_mark, used)
        self.peak = max(self.peak, used)
        if self._memory is not None and used > self._memory:
            return Breach("memory", self._memory, used)
        return None
