"""Being stopped: Ctrl-C, a supervisor's SIGTERM, a closed terminal."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Makes the first signal that asks for the end a KeyboardInterrupt; what follows cannot hurry the clearing up."""

    def __enter__(self) -> Interrupts:
        self._heard = False
        self._before = {number: signal.getsignal(number) for number in SIGNALS}
        for number, handler in self._before.items():
            if number is not signal.SIGHUP or handler is signal.SIG_DFL:  # nohup has it ignored
                signal.signal(number, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._heard:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._heard = True
        for each in SIGNALS:  # from now on nothing stops this process but SIGKILL: it ends by itself
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt
