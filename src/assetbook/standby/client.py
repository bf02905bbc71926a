"""`assetbook`, the program: it has the command server run the command, or runs it itself. Imports next to nothing."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from assetbook import resident
from assetbook.errors import WorkspaceError
from assetbook.standby.order import Order
from assetbook.standby.origin import origin, places
from assetbook.standby.served import Served, serve, start

if TYPE_CHECKING:
    import subprocess

SERVED = frozenset({"run", "ls", "show", "sql", "docs"})  # those that need Dagster, and end
COMPLETION = "_ASSETBOOK_COMPLETE"
COMMAND = "assetbook.cli:command"
INTERRUPTED = 130  # exit codes
MISTAKE = 2
LOST = 1  # when the server was killed, and the command with it
_TO_ALL = (  # what a terminal sends to all that it has started for a command
    *(signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGWINCH),
    *(signal.SIGTSTP, signal.SIGCONT),
)
_TO_ONE = (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)


def main() -> None:
    """Run the command that the arguments say."""
    environment = dict(os.environ)
    try:
        found = origin(environment) if _is_served() else None
    except WorkspaceError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(MISTAKE)
    except OSError:  # a /proc that does not say
        found = None
    if found is not None:
        _try(found)
    try:
        from assetbook.cli import command

        command()
    finally:
        if found is not None and "dagster" in sys.modules:  # the next one need not import it
            _leave(start(found, environment))


def _leave(process: subprocess.Popen[bytes] | None) -> None:
    if process:
        process.returncode = 0  # it stays, and nobody waits for it here


def _is_served() -> bool:
    """Tell whether a command server is any good for this command.

    Raises:
        WorkspaceError: a wrong value of ``ASSETBOOK_STAY``.
    """
    if sys.platform != "linux" or not (COMPLETION in os.environ or SERVED.intersection(sys.argv[1:2])):
        return False
    return resident.stay() > 0


def _try(found: tuple[object, ...]) -> None:
    """Have the server run the command, if there is one, and then end as the command does."""
    try:
        order = Order.of_this_process(COMMAND, sys.argv)
    except (OSError, AttributeError):  # without folder or standard streams, it is as the command makes it
        return
    try:
        served = serve(places(found)[0], order)
    except KeyboardInterrupt:  # nothing has begun
        os._exit(INTERRUPTED)
    if served is None:
        return
    before = _pass_signals(served)
    try:
        served.begin()
    except OSError:
        for number, handler in before.items():
            signal.signal(number, handler)
        return
    _end_as(served)


def _pass_signals(served: Served) -> dict[signal.Signals, Any]:
    """Pass on what this process hears; return what it did with it before."""

    def passed(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGTSTP:  # not heard by a process outside the terminal's groups
            served.send(signal.SIGSTOP, to_all=True)
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            served.send(number, to_all=number in _TO_ALL)

    heard = {number: signal.getsignal(number) for number in (*_TO_ALL, *_TO_ONE)}
    heard = {number: handler for number, handler in heard.items() if handler is not signal.SIG_IGN}
    for number in heard:
        signal.signal(number, passed)
    return heard


def _end_as(served: Served) -> NoReturn:
    code = served.wait()
    if code is None:
        sys.stderr.write(
            f"error: The server that this command ran in (process {served.server}) was killed, and the command "
            "with it. What it was doing is not done: run it again.\n"
        )
        sys.stderr.flush()
        os._exit(LOST)
    if code < 0:
        _end_by(-code)
    os._exit(code)


def _end_by(number: int) -> NoReturn:
    """End by a signal, as the command did."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(OSError, ValueError):  # SIGKILL has no handler
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # one that does not end a process
