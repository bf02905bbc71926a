"""The client's side of a fork server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

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
            if self.modules is None and readable(self._control, patience):
                message = self._control.recv(_READY_SIZE)  # nothing when it has ended
                self.modules = frozenset(json.loads(message)) if message else None
        return self.modules is not None and self.is_alive

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
                with their_stream, their_gate, order.write() as file, launch.log.open("wb") as log:
                    self._pass(launch.private, [file, log, their_stream, their_gate])
                answer = lines.next()
                if "pid" not in answer:
                    raise ForkServerError(answer.get("refused", "it ended at once"), is_lasting=True)
                process = ForkedProcess(
                    answer["pid"], self, stream=stream, lines=lines, gate=gate, mark=launch.mark
                )
            except (OSError, EOFError) as error:
                raise ForkServerError(str(error)) from error
            held.pop_all()
        return process

    def _pass(self, private: Path, files: Iterable[IO[bytes] | socket.socket]) -> None:
        with self._lock:
            self._control.settimeout(PATIENCE)
            descriptors = [file.fileno() for file in files]
            socket.send_fds(self._control, [str(private).encode()], descriptors)

    def close(self) -> None:
        """Want no more kernels of it; it ends with the last that it has, or with this process."""
        self._control.close()

    def join(self) -> None:
        """Wait for its end, after `close`."""
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def abandon(self) -> None:
        """Let go of it in a process that was forked from its owner, which keeps it."""
        self._control.close()
        self._log.close()
        self._process.returncode = 0  # not this process's child


def _pair(held: ExitStack) -> tuple[socket.socket, socket.socket]:
    """Return a socket pair; the first is closed with `held`."""
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE)
    held.callback(ours.close)
    return ours, theirs
