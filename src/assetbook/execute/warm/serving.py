"""The fork server: imports, waits, forks for whoever connects, and clears away what their kernels leave.

Runs as ``python -m assetbook.execute.warm.serving LISTENER SECONDS MODULE...``, started by `server.ForkServer`:
the descriptor of the socket that listens, and how long it stays when nobody is connected.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from assetbook import resident
from assetbook.execute.warm import child
from assetbook.execute.warm.preload import imported, preload
from assetbook.execute.warm.wire import DESCRIPTORS, REQUEST_SIZE, say
from assetbook.threads import threads

_ROUNDS = 500  # a process may start another one while it is being ended
_PAUSE = 0.005

Request = tuple[int, int, socket.socket, int]  # order, log, line to the client, gate


@dataclass(eq=False)
class Client:
    """A process that is connected.

    Attributes:
        line: where it asks for kernels; its end of file means that it wants no more.
        pidfd: tells of its end, also where a copy of it holds its sockets.
        folders: of kernels that were let go; it removes them, unless it is killed.
        is_last: whether it wants no more.
    """

    line: socket.socket
    pidfd: int
    folders: list[str] = field(default_factory=list)
    is_last: bool = False


@dataclass(frozen=True)
class Forked:
    """A kernel: its process, what tells of its end, the line to its client, its client, its private folder."""

    pid: int
    pidfd: int
    stream: socket.socket
    client: Client
    private: str | None


class Serving:
    """The loop of the fork server."""

    def __init__(self, listener: socket.socket, *, stay: float) -> None:
        """Prepare to serve.

        Args:
            listener: where clients connect.
            stay: seconds to wait for one when there is none.
        """
        self._listener = listener
        self._listener.setblocking(False)
        self._listener.set_inheritable(False)
        self._stay = stay
        self._greeting = json.dumps({"pid": os.getpid(), "modules": imported()}).encode()
        self._clients: set[Client] = set()
        self._kernels: dict[int, Forked] = {}
        self._selector = selectors.DefaultSelector()
        self._watch(listener, self._accept)
        self._sign = resident.announce(listener)

    def serve(self) -> Request:
        """Fork whenever a client asks; returns in the forked processes only."""
        while True:
            events = self._selector.select(None if self._clients else self._stay)
            if not events:
                self._end()
            new: Request | None = events[0][0].data()  # one at a time: what it does may close another one
            if new:
                return new

    def _watch(self, source: socket.socket | int, then: Callable[[], object]) -> None:
        self._selector.register(source, selectors.EVENT_READ, then)

    def _accept(self) -> None:
        """Take a client on, and say that all is imported."""
        line, _ = self._listener.accept()
        try:
            line.setblocking(False)
            client = Client(line, resident.client(line))
        except OSError:  # it has gone, or is another user's
            line.close()
            return
        self._clients.add(client)
        self._watch(line, lambda: self._asked(client))
        self._watch(client.pidfd, lambda: self._left(client))
        with contextlib.suppress(OSError):  # it has gone
            line.send(self._greeting)

    def _asked(self, client: Client) -> Request | None:
        try:
            message, received, *_ = socket.recv_fds(
                client.line, REQUEST_SIZE, DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
            )
        except OSError:
            message = b""
        if not message:
            self._wants_no_more(client)
            return None
        order, log, line, gate = received
        stream = socket.socket(fileno=line)
        stream.setblocking(False)  # it never takes as much as to wait
        pid = self._fork(stream)
        if pid == 0:
            self._forget()
            return order, log, stream, gate
        for descriptor in (order, log, gate):
            os.close(descriptor)
        if pid:
            self._add(Forked(pid, os.pidfd_open(pid), stream, client, json.loads(message)["private"]))
        else:
            stream.close()
        return None

    def _fork(self, stream: socket.socket) -> int | None:
        """Fork, unless this process has got a second thread or the system has no room."""
        found = threads()
        refused = {"refused": f"it has more than one thread: {', '.join(found)}", "lasting": True}
        if len(found) == 1:
            try:
                return os.fork()
            except OSError as error:
                refused = {"refused": str(error), "lasting": False}
        with contextlib.suppress(OSError):  # the client has gone
            say(stream, **refused)
        return None

    def _add(self, kernel: Forked) -> None:
        self._kernels[kernel.pid] = kernel
        self._watch(kernel.pidfd, lambda: self._ended(kernel))
        self._watch(kernel.stream, lambda: self._let_go(kernel))

    def _forget(self) -> None:
        """Close, in a forked process, what belongs to the fork server."""
        self._selector.close()
        self._sign.close()
        self._listener.close()
        for client in self._clients:
            client.line.close()
            os.close(client.pidfd)
        for kernel in self._kernels.values():
            os.close(kernel.pidfd)
            kernel.stream.close()

    def _ended(self, kernel: Forked) -> None:
        """Tell the client how a kernel ended, when nothing of it runs any more; its id stays taken for now."""
        self._selector.unregister(kernel.pidfd)
        end = os.waitid(os.P_PIDFD, kernel.pidfd, os.WEXITED | os.WNOWAIT)
        self._end_orphans()
        code = end.si_status if end and end.si_code == os.CLD_EXITED else -(end.si_status if end else 9)
        with contextlib.suppress(OSError):  # the client has gone
            say(kernel.stream, exit=code)

    def _let_go(self, kernel: Forked) -> None:
        """End a kernel that the client has done with, if it still runs."""
        del self._kernels[kernel.pid]
        self._selector.unregister(kernel.stream)
        if kernel.pidfd in self._selector.get_map():
            self._selector.unregister(kernel.pidfd)
        kernel.stream.close()
        os.close(kernel.pidfd)
        self._end_orphans()
        folders = [*kernel.client.folders, *filter(None, [kernel.private])]
        kernel.client.folders = [path for path in folders if os.path.exists(path)]  # noqa: PTH110
        self._drop_if_done(kernel.client)

    def _wants_no_more(self, client: Client) -> None:
        self._selector.unregister(client.line)
        client.is_last = True
        self._drop_if_done(client)

    def _left(self, client: Client) -> None:
        """End the kernels of a client that has ended."""
        self._selector.unregister(client.pidfd)
        if not client.is_last:
            self._wants_no_more(client)
        for kernel in [kernel for kernel in self._kernels.values() if kernel.client is client]:
            self._let_go(kernel)

    def _drop_if_done(self, client: Client) -> None:
        """Forget a client that wants no more kernels and has none."""
        if not client.is_last or any(kernel.client is client for kernel in self._kernels.values()):
            return
        self._clients.remove(client)
        if client.pidfd in self._selector.get_map():
            self._selector.unregister(client.pidfd)
        os.close(client.pidfd)
        for folder in client.folders:
            shutil.rmtree(folder, ignore_errors=True)
        client.line.close()

    def _end(self) -> None:
        """End: nobody is connected. Who is about to connect starts another one."""
        self._sign.close()
        self._listener.close()
        self._end_orphans()
        os._exit(0)

    def _end_orphans(self) -> None:
        """Kill all children but the kernels.

        They are kernels that were let go, and what ended kernels have left: a process whose parent ends
        becomes a child of the nearest ancestor that adopts, which is the kernel first and then this one.
        """
        for _ in range(_ROUNDS):
            orphans = [pid for pid in _children() if pid not in self._kernels]
            if not orphans:
                return
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)  # not reaped yet, so it is still the same one
            reaped = [os.waitpid(pid, os.WNOHANG) for pid in orphans]
            if (0, 0) in reaped:
                time.sleep(_PAUSE)


def _children() -> list[int]:
    """Return the ids of this process's children, those that have ended too."""
    try:
        with open("/proc/thread-self/children", encoding="ascii") as file:  # noqa: PTH123 - with each kernel's end
            return [int(pid) for pid in file.read().split()]
    except FileNotFoundError:  # a system that was built without it
        return [process.pid for process in psutil.Process().children()]


def main() -> None:
    """Import, serve, and run the kernel in each forked process."""
    if os.fork():
        os._exit(0)  # the server is no child of who started it, and need not be waited for
    if sys.path[0] == os.getcwd():  # noqa: PTH109 - of ``python -m``; no place for libraries
        del sys.path[0]
    listener = socket.socket(fileno=int(sys.argv[1]))
    child.adopt_orphans()
    gc.disable()
    preload(sys.argv[3:])
    serving = Serving(listener, stay=float(sys.argv[2]))
    server, inherited = os.getpid(), frozenset(sys.modules)
    gc.freeze()
    child.become_kernel(*serving.serve(), server=server, inherited=inherited)


if __name__ == "__main__":
    main()
