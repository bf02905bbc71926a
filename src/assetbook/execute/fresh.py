"""A kernel that starts as a program of its own, as any Jupyter client starts one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from types import TracebackType

import psutil

from assetbook.execute import processes
from assetbook.execute.launch import Launch


class FreshProcess:
    """A kernel's process.

    Attributes:
        pid: of the process.
        descriptor: becomes readable when it ends; None where the system has no such thing.
    """

    def __init__(self, launch: Launch) -> None:
        """Start it.

        Raises:
            OSError: it cannot be started.
        """
        self._mark = launch.mark
        self._is_cleared = False
        self._popen = subprocess.Popen(
            launch.command,
            env=launch.environment,
            cwd=launch.folder,
            stdin=subprocess.DEVNULL,
            stdout=launch.output,
            stderr=launch.output,
            start_new_session=True,  # Ctrl-C in a terminal reaches this process only
        )
        self.pid = self._popen.pid
        self.descriptor: int | None = None
        with ExitStack() as held:
            held.callback(self._popen.wait)
            held.callback(self.clear, [])
            if sys.platform == "linux":
                with suppress(OSError):  # a system older than Linux 5.3
                    self.descriptor = os.pidfd_open(self.pid)
                    held.callback(os.close, self.descriptor)
            held.enter_context(processes.guarded(self.pid, mark=launch.mark, private=launch.private))
            self._held = held.pop_all()

    def __enter__(self) -> FreshProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of it, when it has ended."""
        self._held.close()

    def begin(self, environment: Mapping[str, str]) -> None:
        """Do nothing: it has its variables."""

    def poll(self) -> int | None:
        """Return how it ended, negative for a signal, or None while it runs."""
        return self._popen.poll()

    def wait(self, timeout: float) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        return self._popen.wait(timeout)

    def family(self) -> list[psutil.Process]:
        """Return the process and its descendants, which are hard to find once it has ended."""
        return processes.tree(self.pid) if self.poll() is None else []

    def clear(self, family: list[psutil.Process]) -> None:
        """End the process and all that it has started.

        Args:
            family: as it was when it was last known to run.
        """
        if not self._is_cleared:
            processes.end(family, session=self.pid, mark=self._mark)
            self._is_cleared = True
