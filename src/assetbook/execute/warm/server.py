"""The client's side of a fork server and of the kernels that it forks."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from types import TracebackType

from assetbook.execute.warm.origin import Origin
from assetbook.execute.warm.wire import Lines, Order

_PATIENCE = 5.0  # seconds for a fork, which takes hundredths of one, and for the end
_LOG_TAIL = 2_000
_PROGRAM = "assetbook.execute.warm.serving"
_READY_SIZE = 100_000
_VARIABLES = {
    # a thread of an allocator could hold a lock at the fork; without it, who frees memory gives it back
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "_RJEM_MALLOC_CONF": "background_thread:false",
    # ipykernel reads it while it is imported; this value keeps it from looking after its parent itself
    "JPY_PARENT_PID": "1",
}


class ForkServerError(Exception):
    """The fork server did not do what it was asked; a fresh kernel takes over.

    Attributes:
        is_lasting: whether another one like it would do no better.
    """

    def __init__(self, message: str, *, is_lasting: bool = False) -> None:
        super().__init__(message)
        self.is_lasting = is_lasting


class ForkServer:
    """A fork server of this process.

    Attributes:
        origin: what it was started from.
        modules: top-level names of what it has imported, once it is ready; None before.
    """

    def __init__(self, origin: Origin) -> None:
        """Start it; it is not ready yet.

        Raises:
            OSError: it cannot be started.
        """
        self.origin = origin
        self.modules: frozenset[str] | None = None
        self._lock = threading.Lock()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as the process
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [origin.python, "-m", _PROGRAM, str(theirs.fileno()), *origin.modules],
                env={**dict(origin.environment), "PYTHONPATH": os.pathsep.join(origin.search), **_VARIABLES},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def log(self) -> str:
        """The end of what it has printed."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _LOG_TAIL))
        return self._log.read().decode("utf-8", "replace").strip()

    def is_ready(self, *, patience: float = 0.0) -> bool:
        """Tell whether it has imported everything.

        Args:
            patience: seconds to wait until it has.
        """
        with self._lock:
            if self.modules is None and _readable(self._control, patience):
                message = self._control.recv(_READY_SIZE)  # nothing when it has ended
                self.modules = frozenset(json.loads(message)) if message else None
        return self.modules is not None and self.is_alive

    def fork(self, order: Order, *, log: int) -> ForkedProcess:
        """Return a new process that becomes the kernel of `order`.

        Args:
            order: what it is to be.
            log: descriptor of the file for what it prints outside its cells.

        Raises:
            ForkServerError: it has not come about.
        """
        ours, theirs = socket.socketpair()
        ours.settimeout(_PATIENCE)
        try:
            with theirs, order.write() as file, self._lock:
                self._control.settimeout(_PATIENCE)
                socket.send_fds(self._control, [b"+"], [file.fileno(), log, theirs.fileno()])
            lines = Lines(ours)
            answer = lines.next()
            if "pid" not in answer:
                raise ForkServerError(answer.get("refused", "it ended at once"), is_lasting=True)
        except (OSError, EOFError) as error:
            ours.close()
            raise ForkServerError(str(error)) from error
        except ForkServerError:
            ours.close()
            raise
        return ForkedProcess(answer["pid"], ours, lines)

    def close(self) -> None:
        """Want no more kernels of it; it ends with the last that it has, or with this process."""
        self._control.close()

    def join(self) -> None:
        """Wait for its end, after `close`."""
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def abandon(self) -> None:
        """Let go of it in a process that was forked from its owner, which keeps it."""
        self._control.close()
        self._log.close()
        self._process.returncode = 0  # not this process's child


class ForkedProcess:
    """A process that the fork server has started, with what `subprocess.Popen` offers of its own.

    Attributes:
        pid: of the process. It stays taken until `__exit__`, also when the process has ended.
        returncode: how it ended, negative for a signal; None as far as is known.
    """

    def __init__(self, pid: int, stream: socket.socket, lines: Lines) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._pidfd = os.pidfd_open(pid)
        self._ended = 0.0
        self._stream = stream
        self._lines = lines
        self._lock = threading.Lock()

    def __enter__(self) -> ForkedProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of it; the fork server ends what still runs of it."""
        self._stream.close()
        os.close(self._pidfd)

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

    def _listen(self, timeout: float) -> None:
        if self._lines.is_waiting or _readable(self._stream, timeout):
            try:
                self.returncode = self._lines.next()["exit"]
            except (OSError, EOFError):  # the fork server has ended, and its kernels with it
                self.returncode = -signal.SIGKILL
        elif _readable(self._pidfd, 0.0):  # it has ended, and the fork server hangs
            self._ended = self._ended or time.monotonic() - timeout
            if time.monotonic() - self._ended >= _PATIENCE:
                self.returncode = -signal.SIGKILL


def _readable(source: socket.socket | int, timeout: float) -> bool:
    poll = select.poll()
    poll.register(source, select.POLLIN)
    return bool(poll.poll(timeout * 1000))
