"""How a copy of the fork server becomes a kernel that cannot be told from a fresh one."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import socket
import sys

from assetbook.execute.launcher import become_launcher, leave
from assetbook.execute.warm import rights
from assetbook.execute.warm.wire import Lines, Order, say

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_SET_BY_LIBRARIES = ("KMP_", "PYDEVD_")  # while they are imported, for compiled code that is loaded later


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, in place of the system's first process."""
    _prctl(_SUBREAPER, 1)


def become_kernel(
    order: int, log: int, stream: socket.socket, gate: int, *, server: int, inherited: frozenset[str]
) -> None:
    """Take on what the client wants, and run the kernel to its end.

    Args:
        order: descriptor of the file with what it is to become.
        log: descriptor of the file for what is printed outside the cells.
        stream: the line to the client.
        gate: descriptor of the socket that says for what run it is.
        server: process id of the fork server.
        inherited: names of the modules that it has imported.
    """
    os.setsid()
    adopt_orphans()
    _prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != server:  # it went before it could take this process with it
        os._exit(1)
    with stream:
        _redirect(log)
        _apply(wanted := Order.read(order))
        say(stream, pid=os.getpid())
    from ipykernel import kernelapp

    application = kernelapp.IPKernelApp.instance()
    application.initialize()
    application.shell.run_cell("None", silent=True, store_history=False)  # the first one takes its time
    with socket.socket(fileno=gate) as opened:
        _begin(opened, wanted)
    application.start()
    leave(inherited)


def _redirect(log: int) -> None:
    for target in (1, 2):
        os.dup2(log, target)
    os.close(log)


def _apply(order: Order) -> None:
    kept = {name: value for name, value in os.environ.items() if name.startswith(_SET_BY_LIBRARIES)}
    os.environ.clear()
    os.environ.update({**kept, **order.environment})
    os.chdir(order.folder)
    become_launcher(order.arguments[3:])  # after: python -m ipykernel_launcher
    sys.path[:] = dict.fromkeys([*order.search, *sys.path])
    multiprocessing.current_process().authkey = os.urandom(32)
    if "numpy" in sys.modules:  # Python's own generator reseeds itself
        import numpy as np

        np.random.seed()  # the global one, which all copies would share
    gc.enable()


def _begin(gate: socket.socket, order: Order) -> None:
    """Wait for a run, and take on what is its own; what the kernel has set itself stays."""
    gate.setblocking(True)
    try:
        run = Lines(gate).next()
    except EOFError:  # nobody wants it
        os._exit(0)
    variables: dict[str, str] = run["environment"]
    for name in order.environment.keys() - variables.keys():
        os.environ.pop(name, None)
    os.environ.update({n: v for n, v in variables.items() if order.environment.get(n) != v})
    rights.take_on(run["rights"])
    os.chdir(order.folder)  # again: it may be another one of the same name by now


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) is not possible here")
