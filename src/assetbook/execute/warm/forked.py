"""A kernel's process that the fork server has started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

import psutil

from assetbook.execute import processes
from assetbook.execute.warm.wire import PATIENCE, Lines, readable, say

if TYPE_CHECKING:
    from assetbook.execute.warm.server import ForkServer


class ForkedProcess:
    """A kernel's process that the fork server has started; see `assetbook.execute.fresh.FreshProcess`.

    Attributes:
        pid: of the process. It stays taken until `__exit__`, also when the process has ended.
        server: where it comes from.
        descriptor: becomes readable when it has ended, and all that it has started.
        returncode: how it ended, negative for a signal; None as far as is known.
    """

    def __init__(
        self,
        pid: int,
        server: ForkServer,
        *,
        stream: socket.socket,
        lines: Lines,
        gate: socket.socket,
        mark: str,
    ) -> None:
        self.pid = pid
        self.server = server
        self.descriptor = stream.fileno()
        self.returncode: int | None = None
        self._pidfd = os.pidfd_open(pid)
        self._ended = 0.0
        self._stream = stream
        self._lines = lines
        self._gate = gate
        self._mark = mark
        self._is_cleared = False
        self._is_held = True
        self._handle = threading.Lock()
        self._lock = threading.Lock()

    def __enter__(self) -> ForkedProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of it; the fork server ends what still runs of it."""
        with self._handle:
            self._is_held = False
            os.close(self._pidfd)
        self._gate.close()
        self._stream.close()

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, although the fork server may not yet have said so."""
        return readable(self._pidfd, 0.0)

    def begin(self, environment: Mapping[str, str]) -> None:
        """Tell the process, which waits for it, for what run it is.

        Args:
            environment: all variables, in place of those that it was started with.
        """
        from assetbook.execute.warm import rights  # for Linux only

        with self._gate, suppress(OSError):  # its end is seen elsewhere
            say(self._gate, environment=dict(environment), rights=rights.free())

    def poll(self) -> int | None:
        """Return how it ended, or None while it runs."""
        with self._lock:
            if self.returncode is None:
                self._listen(0.0)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        with self._lock:
            if self.returncode is None:
                self._listen(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("kernel", timeout)
        return self.returncode

    def kill(self) -> None:
        """End the process, and do not wait."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        """Send a signal to the process, if it still runs."""
        with self._handle, suppress(ProcessLookupError):
            if self._is_held:
                signal.pidfd_send_signal(self._pidfd, number)

    def family(self) -> list[psutil.Process]:
        """Return nothing: the fork server knows whatever it leaves."""
        return []

    def clear(self, family: list[psutil.Process]) -> None:
        """End the process and all that it has started."""
        if not self._is_cleared:
            self.kill()
            with suppress(subprocess.TimeoutExpired):
                self.wait(PATIENCE)
        if not self._is_cleared:  # the fork server has ended, or hangs
            processes.end(family, session=self.pid, mark=self._mark)
            self._is_cleared = True

    def _listen(self, timeout: float) -> None:
        if self._lines.is_waiting or readable(self._stream, timeout):
            try:
                self.returncode = self._lines.next()["exit"]
                self._is_cleared = True
            except (OSError, EOFError):  # the fork server has ended, and its kernels with it
                self.returncode = -signal.SIGKILL
        elif self.has_ended:  # and the fork server hangs
            self._ended = self._ended or time.monotonic() - timeout
            if time.monotonic() - self._ended >= PATIENCE:
                self.returncode = -signal.SIGKILL
