"""The command server: imports, waits, and turns a copy of itself into each command.

Runs as ``python -m assetbook.standby.server``, started by `served.start`; in a terminal it says what is wrong.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from assetbook import resident
from assetbook.standby import child
from assetbook.standby.order import DESCRIPTORS, message
from assetbook.standby.origin import origin, places
from assetbook.standby.preload import preload
from assetbook.threads import threads

_SIZE = 4096


@dataclass(eq=False)
class _Caller:
    """A client, and the process of its command when there is one."""

    line: socket.socket
    last: int = signal.SIGKILL  # for its command, when it has gone
    pid: int = 0
    pidfd: int = -1
    has_ended: bool = False
    is_gone: bool = False


@dataclass(frozen=True)
class Asked:
    """What a copy of the server has to do: an order, three streams, the line to the client, its parent."""

    descriptors: list[int]
    line: socket.socket
    server: int = field(default_factory=os.getpid)


class Serving:
    """The loop of the command server."""

    def __init__(self, listener: socket.socket, *, stay: float) -> None:
        """Prepare to serve.

        Args:
            listener: where clients connect.
            stay: seconds to wait for one, when no command runs.
        """
        self._listener = listener
        self._stay = stay
        self._callers: set[_Caller] = set()
        self._poll = select.poll()
        self._actions: dict[int, Callable[[], Asked | None]] = {}
        self._watch(listener, select.POLLIN, self._accept)

    def serve(self) -> Asked | None:
        """Return what to do, in the copies; None, in the server, when nobody has come for long."""
        while ready := self._poll.poll(None if self._callers else self._stay * 1000):
            asked = self._actions[ready[0][0]]()  # one at a time: what it does may close another one
            if asked:
                return asked
        return None

    def _watch(self, source: socket.socket | int, events: int, action: Callable[[], Asked | None]) -> None:
        self._poll.register(source, events)
        self._actions[source if isinstance(source, int) else source.fileno()] = action

    def _forget(self, source: socket.socket | int) -> None:
        self._poll.unregister(source)
        del self._actions[source if isinstance(source, int) else source.fileno()]

    def _accept(self) -> None:
        with suppress(OSError):
            line, _ = self._listener.accept()
            if not resident.is_own(line):
                line.close()
                return
            line.setblocking(False)
            caller = _Caller(line)
            self._callers.add(caller)
            self._watch(line, select.POLLIN | select.POLLRDHUP, lambda: self._hear(caller))

    def _hear(self, caller: _Caller) -> Asked | None:
        """Fork for a client that has said what it wants, unless this process has got a second thread."""
        self._forget(caller.line)
        found = threads()
        try:
            said, received, *_ = socket.recv_fds(caller.line, _SIZE, DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
        except OSError:
            said, received = b"", []
        if not said.startswith(b"{") or len(received) != DESCRIPTORS or len(found) > 1:
            self._refuse(caller, received, found)
            return None
        caller.last = int(json.loads(said)["last"])
        asked = Asked(received, caller.line)
        pid = os.fork()
        if pid == 0:
            self._leave(caller)
            return asked
        self._close(received)
        caller.pid, caller.pidfd = pid, os.pidfd_open(pid)
        self._watch(caller.pidfd, select.POLLIN, lambda: self._ended(caller))
        self._watch(caller.line, select.POLLRDHUP, lambda: self._hung_up(caller))
        return None

    def _refuse(self, caller: _Caller, received: list[int], found: list[str]) -> None:
        self._close(received)
        if len(found) > 1:
            with suppress(OSError):
                caller.line.send(message(refused=f"it has more than one thread: {', '.join(found)}"))
        caller.line.close()
        self._callers.remove(caller)

    def _ended(self, caller: _Caller) -> None:
        """Tell the client how its command has ended; the process id stays taken until the client has gone."""
        self._forget(caller.pidfd)
        caller.has_ended = True
        if caller.is_gone:
            self._bury(caller)
            return
        end = os.waitid(os.P_PIDFD, caller.pidfd, os.WEXITED | os.WNOWAIT)
        status = end.si_status if end else signal.SIGKILL
        code = status if end and end.si_code == os.CLD_EXITED else -status
        with suppress(OSError):
            caller.line.send(message(exit=code))

    def _hung_up(self, caller: _Caller) -> None:
        """End the command of a client that was killed; nothing is left to end where that went as it should."""
        self._forget(caller.line)
        caller.line.close()
        caller.is_gone = True
        if caller.has_ended:
            self._bury(caller)
        else:
            signal.pidfd_send_signal(caller.pidfd, caller.last)

    def _bury(self, caller: _Caller) -> None:
        os.waitpid(caller.pid, 0)
        os.close(caller.pidfd)
        self._callers.remove(caller)

    def _leave(self, own: _Caller) -> None:
        """Close, in a copy, what belongs to the server and to other clients."""
        self._listener.close()
        for caller in self._callers - {own}:
            caller.line.close()
            if caller.pidfd >= 0:
                os.close(caller.pidfd)

    @staticmethod
    def _close(descriptors: list[int]) -> None:
        for descriptor in descriptors:
            os.close(descriptor)


def _is_there(place: str) -> bool:
    line = resident.connect(place)
    if line:
        line.close()
    return line is not None


def main() -> None:
    """Import and serve, unless there is such a server already; run the command in each copy."""
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(sys.executable)  # noqa: PTH120 - as for a script, not where it was started
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would lose how commands end
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # as `assetbook.cli` does before it imports libraries
    before = dict(os.environ)
    found = origin(before)
    place, starting = places(found)
    claim = resident.listen(starting)
    if claim is None or _is_there(place):
        return
    os.close(os.pidfd_open(os.getpid()))  # where the system has none, this ends here
    preload()
    listener = resident.listen(place)
    if listener is None or origin(before) != found:  # a file was changed meanwhile
        return
    claim.close()
    added = {name: value for name, value in os.environ.items() if before.get(name) != value}
    modules = frozenset(sys.modules)
    gc.collect()
    gc.freeze()
    asked = Serving(listener, stay=resident.stay()).serve()
    if asked:
        child.become(asked.descriptors, asked.line, server=asked.server, added=added, inherited=modules)


if __name__ == "__main__":
    main()
