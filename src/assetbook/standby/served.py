"""The client's side of a command server: starting one, and having it run a command. Imports next to nothing."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from assetbook import resident
from assetbook.standby.order import Order, message
from assetbook.standby.origin import places, variables

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

PATIENCE = 5.0  # seconds that the server has for a copy, which takes hundredths of one
_SIZE = 4096
_SERVER = "assetbook.standby.server"


class Served:
    """A command that a copy of the server runs.

    Attributes:
        pid: of its process, and its group; it stays taken until `close`.
        server: process id of the server.
    """

    def __init__(self, line: socket.socket, *, pid: int, pidfd: int) -> None:
        self.pid = pid
        self.server = _server(line)
        self._line = line
        self._pidfd = pidfd

    def begin(self) -> None:
        """Let it run: until then it ends with the connection, and nothing has happened.

        Raises:
            OSError: it has ended.
        """
        self._line.send(b"go")

    def wait(self) -> int | None:
        """Wait for its end.

        Returns:
            Its exit code, negative for a signal; None if the server was killed, and it with it.
        """
        self._line.settimeout(None)
        try:
            answer = self._line.recv(_SIZE)
        except ConnectionError:
            answer = b""
        if answer:
            return int(json.loads(answer)["exit"])
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        poll.poll()
        return None

    def send(self, number: int, *, to_all: bool = False) -> None:
        """Send a signal to its process, or to all of its group."""
        with suppress(ProcessLookupError):
            if to_all:
                os.killpg(self.pid, number)
            else:
                signal.pidfd_send_signal(self._pidfd, number)

    def close(self) -> None:
        """Let go of it; if it still runs, the server kills it."""
        self._line.close()
        os.close(self._pidfd)


def _server(line: socket.socket) -> int:
    """Return the process id of the server at the other end of a connection."""
    facts = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(facts[:4], sys.byteorder)


def serve(place: str, order: Order, *, last: int = signal.SIGKILL) -> Served | None:
    """Have the server at an address run a command on this process's streams; None if there is none, or it cannot.

    Args:
        place: its address.
        order: for the command, which waits for `Served.begin`.
        last: the signal that it gets when this process is killed.
    """
    line = resident.connect(place)
    if line is None:
        return None
    with ExitStack() as held:
        held.callback(line.close)
        line.settimeout(PATIENCE)
        with suppress(OSError, ValueError):
            file = order.write()
            held.callback(os.close, file)
            socket.send_fds(line, [message(last=int(last))], [file, 0, 1, 2])
            content, received, *_ = socket.recv_fds(line, _SIZE, 1, socket.MSG_CMSG_CLOEXEC)
            if received:
                served = Served(line, pid=json.loads(content)["pid"], pidfd=received[0])
                held.pop_all()
                os.close(file)
                return served
    return None


def start(found: tuple[object, ...], environment: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
    """Start a command server in the background, unless there is one or it is starting; return its process.

    Args:
        found: its origin.
        environment: the variables of that time.
    """
    for place in places(found):
        if line := resident.connect(place):
            line.close()
            return None
    import subprocess

    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # as multiprocessing does
    command = [sys.executable, *flags, "-X", f"utf8={sys.flags.utf8_mode}", "-m", _SERVER]
    kept = {name: environment[name] for name in (resident.STAY,) if name in environment}
    with suppress(OSError):  # the next command tries again
        return subprocess.Popen(
            command,
            env={**variables(environment), **kept},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return None
