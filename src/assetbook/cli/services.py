"""The servers that a command starts, shows and ends, all together."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from assetbook.errors import WorkspaceError

HOST = "127.0.0.1"
PATIENCE = 20  # seconds that a server has for ending its own processes
_POLL = 0.2
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_LOG_TAIL = 3_000


@dataclass(frozen=True, eq=False)
class Service:
    """A server on this machine.

    Attributes:
        name: for people.
        port: where it listens.
        command: what starts it.
        log: the file that its output goes to.
        variables: to set in its environment.
        ready: what it answers with success when it serves.
    """

    name: str
    port: int
    command: Sequence[str]
    log: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    ready: str = "/"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.port}"

    def answers(self) -> bool:
        """Tell whether it serves."""
        try:
            with urllib.request.urlopen(self.url + self.ready, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def last_words(self) -> str:
        """Return the end of what it wrote."""
        return self.log.read_bytes()[-_LOG_TAIL:].decode("utf-8", "replace").strip()


class Running:
    """Services that run, as a context manager: on leaving, all are gone."""

    def __init__(self, services: Sequence[Service], *, folder: Path) -> None:
        """Start them in a folder.

        Raises:
            WorkspaceError: a log cannot be written.
        """
        self._processes: dict[Service, subprocess.Popen[bytes]] = {}
        with ExitStack() as started:
            started.callback(self._end)
            for service in services:
                self._processes[service] = _start(service, folder)
            started.pop_all()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End what runs."""
        for number in (signal.SIGINT, signal.SIGTERM):  # a second one would leave processes behind
            signal.signal(number, signal.SIG_IGN)
        self._end()

    def wait_until_ready(self, service: Service) -> None:
        """Wait until a service answers.

        Raises:
            WorkspaceError: it has ended instead.
        """
        while not service.answers():
            self.require_alive(service)
            time.sleep(_POLL)

    def wait(self) -> None:
        """Wait until one ends, which none should.

        Raises:
            WorkspaceError: which one, and its last words.
        """
        while True:
            for service in self._processes:
                self.require_alive(service)
            time.sleep(_POLL)

    def require_alive(self, service: Service) -> None:
        """Look whether a service runs.

        Raises:
            WorkspaceError: it has ended.
        """
        code = self._processes[service].poll()
        if code is not None:
            raise WorkspaceError(
                f"{service.name} has ended with exit code {code}. The end of its log, {service.log}:\n\n"
                f"{service.last_words()}"
            )

    def _end(self) -> None:
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0))
            with suppress(ProcessLookupError):  # what it has left behind, as when it was killed
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _start(service: Service, folder: Path) -> subprocess.Popen[bytes]:
    try:
        service.log.parent.mkdir(parents=True, exist_ok=True)
        with service.log.open("wb") as log:
            return subprocess.Popen(
                service.command,
                cwd=folder,
                env={**os.environ, **service.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
    except OSError as error:
        raise WorkspaceError(
            f"{service.name} cannot be started, with its log at {service.log}: {error.strerror or error}."
        ) from error


def _end_with_parent() -> None:
    """Have the system end this process when the command has been killed, which could not do so itself."""
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGTERM)


def is_free(port: int) -> bool:
    """Tell whether a server could listen at a port of this machine."""
    return refusal(port) is None


def refusal(port: int) -> str | None:
    """Return why no server can listen at a port of this machine; None if one can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error.strerror
    return None
