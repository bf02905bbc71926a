"""Being stopped: Ctrl-C, a supervisor's SIGTERM, a closed terminal."""

from __future__ import annotations

import signal
import socket
from types import TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Makes each signal that asks for the end a KeyboardInterrupt, and remembers it.

    While Dagster executes a run it handles SIGINT and SIGTERM itself, and forgets those that reach it between
    two steps. The wake-up descriptor hears of every signal, whoever handles it.
    """

    def __enter__(self) -> Interrupts:
        self._ending = False
        self._heard, self._wake = socket.socketpair()
        self._heard.setblocking(False)
        self._wake.setblocking(False)
        self._before = {number: signal.getsignal(number) for number in SIGNALS}
        for number, handler in self._before.items():
            if number is not signal.SIGHUP or handler is signal.SIG_DFL:  # nohup has it ignored
                signal.signal(number, signal.default_int_handler)
        self._descriptor = signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._descriptor)
        if not self._ending:
            for number, handler in self._before.items():
                signal.signal(number, handler)
        self._heard.close()
        self._wake.close()

    def heard(self) -> bool:
        """Whether such a signal has come."""
        try:
            return bool(set(self._heard.recv(256, socket.MSG_PEEK)) & set(SIGNALS))
        except BlockingIOError:
            return False

    def ignore(self) -> None:
        """From now on nothing stops this process but SIGKILL: it is about to end by itself."""
        self._ending = True
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
