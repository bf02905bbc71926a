"""The client's side of a fork server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from typing import IO
from weakref import WeakSet

from assetbook import resident
from assetbook.execute.launch import Launch
from assetbook.execute.warm.forked import ForkedProcess
from assetbook.execute.warm.origin import Origin, search_path
from assetbook.execute.warm.wire import PATIENCE, Lines, Order, readable

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
        is_silent: whether it has not answered.
    """

    def __init__(self, message: str, *, is_lasting: bool = False, is_silent: bool = False) -> None:
        super().__init__(message)
        self.is_lasting = is_lasting
        self.is_silent = is_silent


class Started:
    """The start of a fork server by this process, which need not outlive it."""

    def __init__(self, listener: socket.socket, origin: Origin) -> None:
        """Start the server that listens there.

        Raises:
            OSError: it cannot be started.
            WorkspaceError: a wrong value of ``ASSETBOOK_STAY``.
        """
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as the process
        # this process ends at once; the server is a child of it
        self._process = subprocess.Popen(
            [
                *(origin.python, "-m", _PROGRAM, str(listener.fileno()), str(resident.stay())),
                *origin.modules,
            ],
            env={**dict(origin.environment), "PYTHONPATH": os.pathsep.join(origin.search), **_VARIABLES},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )

    @property
    def log(self) -> str:
        """The end of what the server has printed."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _LOG_TAIL))
        return self._log.read().decode("utf-8", "replace").strip()

    def settle(self) -> None:
        """See the first process end."""
        self._process.wait()

    def close(self) -> None:
        """Let go of it; the server may run on."""
        self.settle()
        self._log.close()

    def abandon(self) -> None:
        """Let go of it in a process that was forked from this one."""
        self._process.returncode = 0  # not this process's child
        self._log.close()


class ForkServer:
    """A fork server, as this process is connected to it.

    Attributes:
        origin: what it was started from.
        address: where it listens.
        pid: its process, once it is ready.
        modules: top-level names of what it has imported, once it is ready; None before.
        is_own: whether this process has started it.
    """

    def __init__(
        self, line: socket.socket, *, origin: Origin, address: str, started: Started | None = None
    ) -> None:
        self.origin = origin
        self.address = address
        self.pid = 0
        self.modules: frozenset[str] | None = None
        self.is_own = started is not None
        self._started = started
        self._line = line
        self._line.settimeout(PATIENCE)
        self._connected = time.monotonic()
        self._lock = threading.Lock()
        self._kernels: WeakSet[ForkedProcess] = WeakSet()

    @classmethod
    def at(cls, address: str, origin: Origin, *, start: bool) -> ForkServer | None:
        """Return the one at an address, which may not be ready yet, or None.

        Args:
            address: where it listens.
            origin: what it was started from, or is to be.
            start: start it, if there is none.

        Raises:
            OSError: it cannot be started.
            WorkspaceError: a wrong value of ``ASSETBOOK_STAY``.
        """
        with ExitStack() as held:
            line, listener = resident.reach(address) if start else (resident.connect(address), None)
            if listener:
                held.enter_context(listener)  # the server has its own copy
            if line is None:
                return None
            held.enter_context(line)
            started = Started(listener, origin) if listener else None
            held.pop_all()
        if listener:
            listener.close()
        return cls(line, origin=origin, address=address, started=started)

    @property
    def is_alive(self) -> bool:
        """Whether the server still runs, and this process is connected to it."""
        with self._lock:
            return not readable(self._line, 0.0) or self._hear()

    @property
    def age(self) -> float:
        """How many seconds this process has been connected."""
        return time.monotonic() - self._connected

    @property
    def log(self) -> str:
        """The end of what it has printed, where that can be told."""
        return self._started.log if self._started else "Another process started it, and has its log."

    def is_ready(self, *, patience: float = 0.0) -> bool:
        """Tell whether it has imported everything.

        Args:
            patience: seconds to wait until it has.
        """
        if self.modules is None:
            readable(self._line, patience)
        return self.is_alive and self.modules is not None

    def fork(self, launch: Launch) -> ForkedProcess:
        """Return a new process that becomes a kernel.

        Raises:
            ForkServerError: it has not come about.
        """
        order = Order(
            launch.command,
            dict(launch.environment),
            str(launch.folder),
            search_path(launch.environment, folder=launch.folder),
        )
        with ExitStack() as held:
            stream, their_stream = _pair(held)
            gate, their_gate = _pair(held)
            lines = Lines(stream)
            try:
                with their_stream, their_gate, order.write() as file:
                    self._pass(launch, file, their_stream, their_gate)
                answer = lines.next()
                if "pid" not in answer:
                    raise ForkServerError(answer["refused"], is_lasting=answer["lasting"])
                process = ForkedProcess(
                    answer["pid"], self, stream=stream, lines=lines, gate=gate, mark=launch.mark
                )
            except (OSError, EOFError) as error:
                raise ForkServerError(str(error), is_silent=isinstance(error, TimeoutError)) from error
            held.pop_all()
        self._kernels.add(process)
        return process

    @property
    def _has_kernels(self) -> bool:
        """Whether it may have kernels of this process; after `close` it hangs up when it has none."""
        return self.modules is not None and self.is_alive

    def _pass(self, launch: Launch, order: IO[bytes], stream: socket.socket, gate: socket.socket) -> None:
        message = json.dumps({"private": str(launch.private) if launch.private else None})
        descriptors = [order.fileno(), launch.output, stream.fileno(), gate.fileno()]
        with self._lock:
            socket.send_fds(self._line, [message.encode()], descriptors)

    def _hear(self) -> bool:
        """Take what it says, which is once and that it is ready; tell whether it lives."""
        try:
            message = self._line.recv(_READY_SIZE)
        except OSError:
            message = b""
        if self._started:
            self._started.settle()
        if message:
            facts = json.loads(message)
            self.pid, self.modules = facts["pid"], frozenset(facts["modules"])
        return bool(message)

    def close(self) -> None:
        """Want no more kernels of it; those that this process has run on."""
        with suppress(OSError):  # it has gone
            self._line.shutdown(socket.SHUT_WR)

    def join(self) -> None:
        """Wait, after `close`, until it has brought this process's kernels to their end."""
        deadline = time.monotonic() + PATIENCE
        while self._has_kernels and (rest := deadline - time.monotonic()) > 0:
            readable(self._line, rest)
        if self._has_kernels:
            for kernel in [*self._kernels]:
                kernel.kill()
        self._line.close()
        if self._started:
            self._started.close()

    def abandon(self) -> None:
        """Let go of it in a process that was forked from this one, which keeps it."""
        self._line.close()
        if self._started:
            self._started.abandon()


def _pair(held: ExitStack) -> tuple[socket.socket, socket.socket]:
    """Return a socket pair; the first is closed with `held`."""
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE)
    held.callback(ours.close)
    return ours, theirs
