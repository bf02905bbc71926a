"""What a client tells a command server of the process that it wants."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any, NamedTuple

DESCRIPTORS = 4  # the file in memory with the order; standard input, output and error
_KEPT_BY_PYTHON = frozenset({signal.SIGPIPE, signal.SIGXFSZ})  # it has these ignored in every process


class Order(NamedTuple):
    """What a copy of the server needs to become a command.

    Attributes:
        entry: what to call, as ``module:function``.
        arguments: its `sys.argv`.
        command: `sys.orig_argv`.
        program: of the module ``__main__``: its file, package, and name if it was run as a module.
        search: `sys.path`.
        environment: all variables.
        folder: where it works.
        umask: the rights that new files do not get.
        ignored: signals that it does not hear.
        blocked: signals that it hears later.
        streams: of standard input, output and error the encoding, error handling, and if it is unbuffered.
    """

    entry: str
    arguments: list[str]
    command: list[str]
    program: list[str | None]
    search: list[str]
    environment: dict[str, str]
    folder: str
    umask: int
    ignored: list[int]
    blocked: list[int]
    streams: list[tuple[str, str, bool]]

    @classmethod
    def of_this_process(cls, entry: str, arguments: list[str]) -> Order:
        """Return the order for a command as it would run in this process.

        Raises:
            OSError: the working folder is gone.
            AttributeError: a standard stream is closed.
        """
        ignored = {n for n in signal.valid_signals() if signal.getsignal(n) is signal.SIG_IGN}
        streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
        return cls(
            entry,
            arguments,
            sys.orig_argv,
            _program(),
            sys.path,
            dict(os.environ),
            os.getcwd(),  # noqa: PTH109 - pathlib is slow to import
            _umask(),
            [int(number) for number in ignored - _KEPT_BY_PYTHON],
            [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())],
            [_settings(stream) for stream in streams],
        )

    @classmethod
    def of_module(cls, entry: str, module: str, arguments: list[str]) -> Order:
        """Return the order for ``python -m module``, with this process's environment and all signals heard.

        Raises:
            OSError: the working folder is gone.
            AttributeError: a standard stream is closed.
        """
        program: list[str | None] = [None, module.rpartition(".")[0], module]
        order = cls.of_this_process(entry, arguments)
        return order._replace(program=program, ignored=[], blocked=[])

    def write(self) -> int:
        """Return the descriptor of a file in memory that holds it."""
        descriptor = os.memfd_create("order")
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(json.dumps(self._asdict()).encode())
        return descriptor

    @classmethod
    def read(cls, descriptor: int) -> Order:
        """Read and close such a file."""
        with os.fdopen(descriptor, "rb") as file:
            file.seek(0)
            return cls(**json.load(file))


def message(**content: Any) -> bytes:
    """Return one message between client, server and command."""
    return json.dumps(content).encode()


def _settings(stream: Any) -> tuple[str, str, bool]:
    return stream.encoding, stream.errors, stream.write_through


def _program() -> list[str | None]:
    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    return [
        getattr(main, "__file__", None),
        getattr(main, "__package__", None),
        spec.name if spec else None,
    ]


def _umask() -> int:
    """Return that of this process; `os.umask` would have to change it, for other threads too."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:  # noqa: PTH123
        return next(int(line.split()[1], 8) for line in file if line.startswith("Umask:"))
