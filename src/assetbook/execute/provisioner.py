"""Warm kernels for any Jupyter client: papermill, nbclient, JupyterLab.

The kernel specification ``assetbook`` names this provisioner. Its kernels are those of ``python3`` in everything
but their start. They end with the process that has started them.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from assetbook.execute import warm
from assetbook.execute.environment import INLINE
from assetbook.execute.launch import Launch

_LAUNCH = [sys.executable, "-m", "ipykernel_launcher"]
_TAKEN = frozenset(
    {"cwd", "env", "kernel_id", "extra_arguments"}
)  # what is asked for besides goes to a fresh one
_MARK = "ASSETBOOK_KERNEL"
_STDERR = 2


class AssetbookProvisioner(LocalProvisioner):  # type: ignore[misc] # the type checker does not follow jupyter_client
    """Starts a kernel by the fork server where that gives what a fresh one would be; else as Jupyter does."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel; return where it listens."""
        if kwargs.keys() <= _TAKEN and cmd[: len(_LAUNCH)] == _LAUNCH:
            environment = kwargs.get("env") or os.environ
            folder = Path(kwargs.get("cwd") or Path.cwd()).absolute()
            if forked := _fork(cmd, environment=dict(environment), folder=folder):
                self.process = Process(forked)
                self.pid = self.pgid = forked.pid
                self.cwd = folder
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)


class Process:
    """A forked process with what `LocalProvisioner` wants of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, forked: warm.ForkedProcess) -> None:
        self.pid = forked.pid
        self._forked = forked

    def poll(self) -> int | None:
        """Return how it ended, or None while it runs."""
        return self._forked.poll()

    def wait(self) -> int | None:
        """Let go of the process, which has ended; return how."""
        with self._forked:
            self._forked.clear([])
        return self._forked.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process."""
        self._forked.send_signal(number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _fork(command: list[str], *, environment: dict[str, str], folder: Path) -> warm.ForkedProcess | None:
    mark = secrets.token_hex(8)
    own = {
        _MARK: mark,
        "JPY_PARENT_PID": str(os.getpid()),  # as Jupyter sets it
        # ipykernel does so as well, but the libraries are imported by then
        "MPLBACKEND": environment.get("MPLBACKEND") or INLINE,
    }
    launch = Launch(
        command=command,
        environment={**environment, **own},
        folder=folder,
        mark=f"{_MARK}={mark}",
        output=_STDERR,
    )
    forked = warm.fork_kernel(launch, start=True)
    if forked:
        forked.begin(launch.environment)
    return forked
