"""How a copy of the fork server becomes a kernel that cannot be told from a fresh one."""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib.util
import multiprocessing
import os
import signal
import socket
import sys
import threading
from types import ModuleType

from assetbook.execute.warm.wire import Order, say

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, in place of the system's first process."""
    _prctl(_SUBREAPER, 1)


def become_kernel(order: int, log: int, stream: socket.socket, *, server: int) -> None:
    """Take on what the client wants, and run the kernel to its end.

    Args:
        order: descriptor of the file with what it is to become.
        log: descriptor of the file for what is printed outside the cells.
        stream: the line to the client.
        server: process id of the fork server.
    """
    os.setsid()
    adopt_orphans()
    _prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != server:  # it went before it could take this process with it
        os._exit(1)
    with stream:
        _redirect(log)
        _apply(Order.read(order))
        say(stream, pid=os.getpid())
    inherited = frozenset(sys.modules)
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
    _leave(inherited)


def _leave(inherited: frozenset[str]) -> None:
    """End as an interpreter does, but do not take apart what is shared: it would be copied for that.

    IPython clears the notebook's variables; here go those of modules that were imported after the fork. So what
    is deleted with them, such as an open file, is brought to its end too.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does
    atexit._run_exitfuncs()
    for name in sys.modules.keys() - inherited:
        if isinstance(module := sys.modules[name], ModuleType):  # some put other objects there
            vars(module).clear()
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def _redirect(log: int) -> None:
    for target in (1, 2):
        os.dup2(log, target)
    os.close(log)


def _apply(order: Order) -> None:
    os.environ.clear()
    os.environ.update(order.environment)
    os.chdir(order.folder)
    sys.orig_argv[:] = order.arguments
    sys.argv[:] = [_launcher(), *order.arguments[3:]]  # after: python -m ipykernel_launcher
    sys.path[:] = dict.fromkeys([*order.search, *sys.path])
    multiprocessing.current_process().authkey = os.urandom(32)
    if "numpy" in sys.modules:  # Python's own generator reseeds itself
        import numpy as np

        np.random.seed()  # the global one, which all copies would share
    gc.enable()


def _launcher() -> str:
    found = importlib.util.find_spec("ipykernel_launcher")
    return str(found.origin) if found else "ipykernel_launcher"


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) is not possible here")
