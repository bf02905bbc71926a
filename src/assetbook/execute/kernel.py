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
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from assetbook.errors import RunError, did_you_mean
from assetbook.execute import processes, warm

DEFAULT = frozenset({"", "python", "python3"})  # kernel names that mean: the Python of this process
_PATIENCE = 5.0  # seconds that a kernel has for its exit handlers
_SOCKET_PATH = 80  # longest folder for Unix sockets: the system allows 107 characters for the whole path
_STOP_POLL = 0.005
_LOG_TAIL = 2_000
_VARIABLE = "ASSETBOOK_KERNEL"
_LAUNCH = [sys.executable, "-m", "ipykernel_launcher"]


class Kernel:
    """A running kernel process, as a context manager: on leaving, it and its children are gone.

    Attributes:
        connection: ports, transport and key for a client.
        pid: of the process.
        program: the Python that it runs on.
    """

    def __init__(self, command: list[str], *, environment: Mapping[str, str], folder: Path) -> None:
        """Start the process.

        Args:
            command: its arguments; ``{connection_file}`` stands for the file that tells it where to listen.
            environment: its variables.
            folder: its working folder.

        Raises:
            RunError: the program cannot be started.
        """
        self._held = ExitStack()
        self._private = Path(tempfile.mkdtemp(prefix="assetbook-"))
        self._held.callback(shutil.rmtree, self._private, ignore_errors=True)
        self._mark = f"{_VARIABLE}={secrets.token_hex(8)}"
        self._log = self._private / "kernel.log"
        try:
            path, self.connection = self._connection_file()
            arguments = [path if part == "{connection_file}" else part for part in command]
            with self._log.open("wb") as log:
                self._process = _start(arguments, self._environment(environment), folder, log)
        except OSError as error:
            self._held.close()
            raise RunError(f"The kernel cannot be started with {' '.join(command)!r}: {error}.") from error
        self._held.enter_context(self._process)
        self.pid = self._process.pid
        self.program = command[0]

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Clear away what is left: the process, its children, its files."""
        self.kill()
        self._held.close()

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def log(self) -> str:
        """The end of what the process wrote outside its cells: why it could not start, or crashed."""
        return self._log.read_bytes()[-_LOG_TAIL:].decode("utf-8", "replace").strip()

    def death(self) -> str:
        """Return how the process ended, as ``signal SIGKILL`` or ``exit code 1``."""
        code = self._process.wait(_PATIENCE)
        if code >= 0:
            return f"exit code {code}"
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"

    async def stop(self, ask: Callable[[], object]) -> None:
        """Let the process end by itself, with its exit handlers, then end its children.

        Args:
            ask: tells it to.
        """
        family = processes.tree(self.pid)
        ask()
        deadline = time.monotonic() + _PATIENCE
        while self.is_alive and time.monotonic() < deadline:
            await asyncio.sleep(_STOP_POLL)
        processes.end(family, session=self.pid, mark=self._mark)

    def kill(self) -> None:
        """End the process and all that it has started, at once."""
        family = processes.tree(self.pid) if self.is_alive else []
        processes.end(family, session=self.pid, mark=self._mark)
        self._process.wait(_PATIENCE)

    def _environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        name, _, value = self._mark.partition("=")
        return {
            **environment,
            name: value,
            "JPY_PARENT_PID": str(os.getpid()),  # ipykernel ends itself when this process is gone
            "IPYTHONDIR": str(self._private / "ipython"),  # no personal start-up files, no history left
        }

    def _connection_file(self) -> tuple[str, dict[str, Any]]:
        from jupyter_client.connect import write_connection_file

        sockets = os.name == "posix" and len(str(self._private)) <= _SOCKET_PATH
        place = {"transport": "ipc", "ip": str(self._private / "socket")} if sockets else {}
        key = secrets.token_hex(32).encode()
        written: tuple[str, dict[str, Any]] = write_connection_file(
            str(self._private / "connection.json"), key=key, **place
        )
        return written


def _start(
    command: list[str], environment: Mapping[str, str], folder: Path, log: IO[bytes]
) -> subprocess.Popen[bytes] | warm.ForkedProcess:
    if command[: len(_LAUNCH)] == _LAUNCH and (
        forked := warm.fork_kernel(command, environment=environment, folder=folder, log=log.fileno())
    ):
        return forked
    return subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C in a terminal reaches this process only
    )


def kernel_command(name: str | None) -> tuple[list[str], dict[str, str]]:
    """Return the command of a kernel, and the variables that its specification sets.

    Args:
        name: of an installed kernel specification. ``python3`` and none mean the Python that this process runs
            on, whatever is installed under that name.

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
