"""How a copy of the command server becomes a command that cannot be told from one started by itself."""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import importlib.util
import io
import multiprocessing
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import takewhile
from types import ModuleType
from typing import IO, Any, NoReturn, cast

from assetbook.standby.order import Order, message

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_HEARD_BY_PYTHON = {signal.SIGPIPE: signal.SIG_IGN, signal.SIGXFSZ: signal.SIG_IGN}
_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
_LOST_OUTPUT = 120  # Python's own exit code where the last output could not be written


def become(
    descriptors: list[int],
    line: socket.socket,
    *,
    server: int,
    added: Mapping[str, str],
    inherited: frozenset[str],
) -> NoReturn:
    """Take on what the client wants, and run the command to its end.

    Args:
        descriptors: of the file with the order, and of the standard streams.
        line: to the client.
        server: process id of the command server.
        added: variables that libraries have set while they were imported.
        inherited: names of the modules that it has imported.
    """
    try:
        os.setsid()
        _prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != server:  # it went before it could take this process with it
            os._exit(1)
        order = Order.read(descriptors[0])
        _take_signals(order)
        _take_streams(descriptors[1:], order)
        _take_environment(order, added)
        _await_go(line)
    except BaseException:  # noqa: BLE001 - nothing has happened yet: the client does it itself
        traceback.print_exc()
        os._exit(1)
    _end(_call(order.entry), inherited)


def _await_go(line: socket.socket) -> None:
    """Tell the client which process this is, and wait until it wants it to begin."""
    pidfd = os.pidfd_open(os.getpid())
    socket.send_fds(line, [message(pid=os.getpid())], [pidfd])
    os.close(pidfd)
    line.setblocking(True)
    with line:
        if not line.recv(16):  # it does not want it any more
            os._exit(0)


def _take_signals(order: Order) -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        handler = signal.SIG_IGN if number in order.ignored else _HEARD_BY_PYTHON.get(number, signal.SIG_DFL)
        if signal.getsignal(number) is not handler:  # faulthandler's own are not to be seen, and stay
            with suppress(OSError, ValueError):  # those that the C library keeps for itself
                signal.signal(number, handler)
    if signal.SIGINT not in order.ignored:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, order.blocked)


def _take_streams(descriptors: list[int], order: Order) -> None:
    """Make standard streams on the client's descriptors, as the interpreter makes them when it starts."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for number, (name, mode) in enumerate(_STREAMS):
        stream = _stream(number, name, mode, *order.streams[number])
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _stream(number: int, name: str, mode: str, encoding: str, errors: str, unbuffered: bool) -> IO[str]:
    buffer: Any = open(number, f"{mode}b", buffering=0 if unbuffered else -1, closefd=False)  # noqa: SIM115
    raw = buffer if unbuffered else buffer.raw
    raw.name = f"<{name}>"
    stream: Any = io.TextIOWrapper(
        buffer,
        encoding,
        errors,
        newline="\n",
        line_buffering=not unbuffered and (number == 2 or raw.isatty()),
        write_through=unbuffered,
    )
    stream.mode = mode
    return cast("IO[str]", stream)


def _take_environment(order: Order, added: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update({**added, **order.environment})
    os.chdir(order.folder)
    os.umask(order.umask)
    sys.argv[:] = order.arguments
    sys.orig_argv[:] = order.command
    sys.path[:] = order.search
    sys.modules["__main__"] = _main_module(*order.program)
    multiprocessing.current_process().authkey = os.urandom(32)
    if "numpy" in sys.modules:  # Python's own generator reseeds itself
        import numpy as np

        np.random.seed()  # the global one, which all copies would share
    gc.enable()


def _main_module(file: str | None, package: str | None, name: str | None) -> ModuleType:
    """Return the module that was the program, which processes started by this one look at."""
    module = ModuleType("__main__")
    module.__package__ = package
    if file is not None:
        module.__file__ = file
    if name is not None:
        module.__spec__ = importlib.util.find_spec(name)
    return module


def _call(entry: str) -> BaseException | None:
    """Call the entry; return the exception that it ended with."""
    module, _, name = entry.partition(":")
    try:
        function: Callable[[], Any] = getattr(importlib.import_module(module), name)
        sys.exit(function())
    except BaseException as error:  # noqa: BLE001 - its end, as the interpreter sees it
        return error


def _end(error: BaseException | None, inherited: frozenset[str]) -> NoReturn:
    """End as an interpreter does, but do not take apart what is shared: it would be copied for that."""
    code = _exit_code(error)
    error = None  # it holds what was used where it was raised
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does
    atexit._run_exitfuncs()
    failed = not _flushed()
    # new modules stand at the end; to look at the others, too, would have them copied
    for name in [*takewhile(lambda name: name not in inherited, reversed(sys.modules))]:
        if isinstance(module := sys.modules[name], ModuleType):  # some put other objects there
            vars(module).clear()
    gc.collect()
    if not _flushed() or failed:
        code = _LOST_OUTPUT
    if code == -signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(code & 0xFF)


def _exit_code(error: BaseException | None) -> int:
    """Return the exit code for what a command ended with, and print it where the interpreter does."""
    if isinstance(error, SystemExit):
        if error.code is None:
            return 0
        if isinstance(error.code, int):
            return error.code
        print(error.code, file=sys.stderr)
    elif error is not None:
        sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, KeyboardInterrupt):
            return -signal.SIGINT
    return 1


def _flushed() -> bool:
    """Write out what the standard streams still hold; tell whether that was possible."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except Exception as error:  # noqa: BLE001 - as the interpreter says it
            if stream is sys.stdout:
                with suppress(OSError):
                    print(f"Exception ignored in: {stream!r}", file=sys.stderr)
                    traceback.print_exception(type(error), error, None)
            return False
    return True


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) is not possible here")
