"""Being stopped: Ctrl-C, a supervisor's SIGTERM, a closed terminal."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 10.0  # seconds for clearing up; then another signal ends the process as it is
INTERRUPTED = 130  # as a shell says it of a command that Ctrl-C has ended


class Interrupts:
    """Makes the first signal that asks for the end a KeyboardInterrupt; haste does not disturb the clearing up."""

    def __enter__(self) -> Interrupts:
        self._heard: float | None = None
        self._before = {number: signal.getsignal(number) for number in SIGNALS}
        for number, handler in self._before.items():
            if number is not signal.SIGHUP or handler is signal.SIG_DFL:  # nohup has it ignored
                signal.signal(number, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._heard is None:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._heard is None:
            self._heard = time.monotonic()
            raise KeyboardInterrupt
        if time.monotonic() - self._heard > PATIENCE:
            os._exit(INTERRUPTED)
