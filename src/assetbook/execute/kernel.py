"""One kernel process: how it is started, asked to stop, and cleared away with everything it has started.

It talks over Unix sockets in a private folder, which no other user and no other run can meet; over TCP on
the local interface where there are none. Nothing of it stays: connection file, IPython's folder and
history are in that folder too.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from assetbook import resident
from assetbook.errors import RunError, did_you_mean
from assetbook.execute import launcher, warm
from assetbook.execute.fresh import FreshProcess
from assetbook.execute.launch import Launch

# kernel names that mean: the Python of this process
DEFAULT = frozenset({"", "python", "python3", "assetbook"})
_PATIENCE = 5.0  # seconds that a kernel has for its exit handlers
_SOCKET_PATH = 80  # longest folder for Unix sockets: the system allows 107 characters for the whole path
_POLL = 0.2  # seconds between two looks whether it lives, where nothing tells of its end
_LOG_TAIL = 2_000
_MARK = "ASSETBOOK_KERNEL"
_LAUNCH = [sys.executable, "-m", "ipykernel_launcher"]


class Kernel:
    """A running kernel process, as a context manager: on leaving, it and its children are gone.

    Attributes:
        connection: ports, transport and key for a client.
        process: what runs.
        program: the Python that it runs on.
    """

    def __init__(self, command: list[str], *, environment: Mapping[str, str], folder: Path) -> None:
        """Start the process; it answers after `begin`.

        Args:
            command: its arguments; ``{connection_file}`` stands for the file that tells it where to listen.
            environment: its variables.
            folder: its working folder.

        Raises:
            RunError: the program cannot be started.
        """
        self.program = command[0]
        self._dismissed: list[psutil.Process] | None = None
        try:
            with ExitStack() as held:
                self._start(command, environment, folder, held)
                self._held = held.pop_all()
        except OSError as error:
            raise RunError(f"The kernel cannot be started with {' '.join(command)!r}: {error}.") from error

    def _start(
        self, command: list[str], environment: Mapping[str, str], folder: Path, held: ExitStack
    ) -> None:
        private = Path(tempfile.mkdtemp(prefix="assetbook-"))
        held.callback(shutil.rmtree, private, ignore_errors=True)
        path, self.connection = _connection_file(private)
        self._own = {
            _MARK: secrets.token_hex(8),
            "JPY_PARENT_PID": str(os.getpid()),  # ipykernel ends itself when this process is gone
            "IPYTHONDIR": str(private / "ipython"),  # no personal start-up files, no history left
        }
        self._log = private / "kernel.log"
        with self._log.open("wb") as log:
            launch = Launch(
                command=[path if part == "{connection_file}" else part for part in command],
                environment={**environment, **self._own},
                folder=folder,
                mark=f"{_MARK}={self._own[_MARK]}",
                output=log.fileno(),
                private=private,
            )
            self.process = _process(launch)
        held.push(self.process)

    def begin(self, environment: Mapping[str, str]) -> None:
        """Let it answer, as the kernel of a run.

        Args:
            environment: the variables of the run. A fresh kernel has those that it was started with.
        """
        self.process.begin({**environment, **self._own})

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """See `close`; an error leaves no time for exit handlers."""
        if error is not None:
            self.kill()
        self.close()

    def close(self) -> None:
        """Clear away what is left: the process, its children, its files."""
        if self._dismissed is None:
            self.kill()
        else:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_PATIENCE)
            self.process.clear(self._dismissed)
        self._held.close()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self.process.pid

    @property
    def is_warm(self) -> bool:
        """Whether it comes from the fork server."""
        return isinstance(self.process, warm.ForkedProcess)

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    @property
    def log(self) -> str:
        """The end of what the process wrote outside its cells: why it could not start, or crashed."""
        return self._log.read_bytes()[-_LOG_TAIL:].decode("utf-8", "replace").strip()

    def death(self) -> str:
        """Return how the process ended, as ``signal SIGKILL`` or ``exit code 1``."""
        code = self.process.wait(_PATIENCE)
        if code >= 0:
            return f"exit code {code}"
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"

    async def ended(self) -> None:
        """Wait until the process has ended."""
        while self.is_alive:
            await _readable(self.process.descriptor, timeout=_POLL)

    def dismiss(self, ask: Callable[[], object]) -> None:
        """Let the process end by itself, with its exit handlers; `close` waits for it.

        Args:
            ask: tells it to.
        """
        self._dismissed = self.process.family()
        ask()

    def kill(self) -> None:
        """End the process and all that it has started, at once."""
        self.process.clear(self.process.family())


def _connection_file(private: Path) -> tuple[str, dict[str, Any]]:
    from jupyter_client.connect import write_connection_file

    sockets = os.name == "posix" and len(str(private)) <= _SOCKET_PATH
    place = {"transport": "ipc", "ip": str(private / "socket")} if sockets else {}
    key = secrets.token_hex(32).encode()
    written: tuple[str, dict[str, Any]] = write_connection_file(
        str(private / "connection.json"), key=key, **place
    )
    return written


def _process(launch: Launch) -> FreshProcess | warm.ForkedProcess:
    if launch.command[: len(_LAUNCH)] != _LAUNCH:
        return FreshProcess(launch)
    own = [sys.executable, launcher.__file__, *launch.command[len(_LAUNCH) :]]
    stays = (
        resident.stay() > 0
    )  # then it is there for the next command, if this process runs one notebook only
    return warm.fork_kernel(launch, start=stays) or FreshProcess(replace(launch, command=own))


async def _readable(descriptor: int | None, *, timeout: float) -> None:
    """Wait until the descriptor is readable; without one for the whole time."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    if descriptor is not None:
        loop.add_reader(descriptor, ready.set)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await ready.wait()
    finally:
        if descriptor is not None:
            loop.remove_reader(descriptor)


def kernel_command(name: str | None) -> tuple[list[str], dict[str, str]]:
    """Return the command of a kernel, and the variables that its specification sets.

    Args:
        name: of an installed kernel specification. ``python3``, ``assetbook`` and none mean the Python that this
            process runs on, whatever is installed under that name.

    Raises:
        RunError: there is no such kernel, or it does not run Python.
    """
    if (name or "") in DEFAULT:
        return [*_LAUNCH, "-f", "{connection_file}", "--HistoryManager.enabled=False"], {}
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    specifications = KernelSpecManager()
    try:
        specification = specifications.get_kernel_spec(name)
    except NoSuchKernel:
        raise RunError(
            f"The notebook asks for the kernel {name!r}, which is not installed. "
            f"{did_you_mean(str(name), specifications.find_kernel_specs())} Install it from the environment that "
            f"it stands for, with `python -m ipykernel install --user --name {name}`, "
            "or choose the kernel python3 in the notebook, which is the Python that Assetbook runs on."
        ) from None
    if specification.language.lower() != "python":
        raise RunError(
            f"The kernel {name!r} runs {specification.language}; a notebook that is an asset needs a Python kernel."
        )
    first, *rest = specification.argv
    return [sys.executable if first in DEFAULT else first, *rest], dict(specification.env)
