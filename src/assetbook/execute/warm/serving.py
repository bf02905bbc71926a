"""The fork server: imports, waits, forks, and clears away what its kernels leave.

Runs as ``python -m assetbook.execute.warm.serving DESCRIPTOR MODULE...``, started by `server.ForkServer`.
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
from dataclasses import dataclass

import psutil

from assetbook.execute.warm import child
from assetbook.execute.warm.preload import imported, preload, threads
from assetbook.execute.warm.wire import DESCRIPTORS, PATH_SIZE, say

_ROUNDS = 500  # a process may start another one while it is being ended
_PAUSE = 0.005

Request = tuple[int, int, socket.socket, int]  # order, log, line to the client, gate


@dataclass(frozen=True)
class Forked:
    """A kernel: its process, a descriptor that tells of its end, the line to the client, and its private folder."""

    pid: int
    pidfd: int
    stream: socket.socket
    private: str


class Serving:
    """The loop of the fork server."""

    def __init__(self, control: socket.socket) -> None:
        """Prepare to serve.

        Args:
            control: where the client asks for kernels.
        """
        self._control = control
        self._is_last = False  # whether the client wants no more kernels
        self._client = os.pidfd_open(os.getppid())
        self._kernels: dict[int, Forked] = {}
        self._folders: list[
            str
        ] = []  # of kernels that were let go; the client removes them, unless it was killed
        self._selector = selectors.DefaultSelector()
        self._watch(control, self._asked)
        self._watch(self._client, self._end)

    def serve(self) -> Request:
        """Fork whenever the client asks; returns in the forked processes only."""
        while True:
            key, _ = self._selector.select()[0]  # one at a time: what it does may close another one
            new: Request | None = key.data()
            if new:
                return new

    def _watch(self, source: socket.socket | int, then: Callable[[], object]) -> None:
        self._selector.register(source, selectors.EVENT_READ, then)

    def _asked(self) -> Request | None:
        private, received, *_ = socket.recv_fds(
            self._control, PATH_SIZE, DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
        )
        if not private:
            self._selector.unregister(self._control)
            self._is_last = True
            self._end_if_done()
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
            self._add(Forked(pid, os.pidfd_open(pid), stream, private.decode()))
        else:
            stream.close()
        return None

    def _fork(self, stream: socket.socket) -> int | None:
        """Fork, unless this process has got a second thread."""
        found = threads()
        if len(found) == 1:
            return os.fork()
        with contextlib.suppress(OSError):  # the client has gone
            say(stream, refused=f"it has more than one thread: {', '.join(found)}")
        return None

    def _add(self, kernel: Forked) -> None:
        self._kernels[kernel.pid] = kernel
        self._watch(kernel.pidfd, lambda: self._ended(kernel))
        self._watch(kernel.stream, lambda: self._let_go(kernel))

    def _forget(self) -> None:
        """Close, in a forked process, what belongs to the fork server."""
        self._selector.close()
        self._control.close()
        os.close(self._client)
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
        self._folders = [path for path in (*self._folders, kernel.private) if os.path.exists(path)]  # noqa: PTH110
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self._is_last and not self._kernels:
            self._end()

    def _end(self) -> None:
        """End with everything: the client has gone, or wants nothing any more."""
        self._folders += [kernel.private for kernel in self._kernels.values()]
        self._kernels.clear()
        self._end_orphans()
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)
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
    if sys.path[0] == os.getcwd():  # noqa: PTH109 - of ``python -m``; no place for libraries
        del sys.path[0]
    control = socket.socket(fileno=int(sys.argv[1]))
    child.adopt_orphans()
    gc.disable()
    preload(sys.argv[2:])
    serving = Serving(control)
    server, inherited = os.getpid(), frozenset(sys.modules)
    gc.freeze()
    control.send(json.dumps(imported()).encode())
    child.become_kernel(*serving.serve(), server=server, inherited=inherited)


if __name__ == "__main__":
    main()
