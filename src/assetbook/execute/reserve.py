"""One warm kernel that waits for the next notebook, so that a run need not wait for it to start.

It is forked and started while a notebook runs, or while a run is recorded, with the variables that all runs of the
workspace share, and is told those of its own run when that begins. A run that differs in another one gets a kernel of
its own making.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from assetbook.errors import AssetbookError
from assetbook.execute import warm
from assetbook.execute.environment import kernel_environment
from assetbook.execute.kernel import Kernel, kernel_command

_OF_A_RUN = "ASSETBOOK_"  # nothing reads such a variable before the first cell


@dataclass(frozen=True, eq=False)
class Waiting:
    """A kernel that waits, and what a run must want to be given it: all that it was started with.

    Attributes:
        wanted: command, variables but those of a run, working folder.
        started: the kernel, when it has been forked; None when there is no warm one.
    """

    wanted: tuple[list[str], dict[str, str], Path]
    started: Future[Kernel | None] = field(default_factory=Future)

    def start(self) -> None:
        """Fork it."""
        kernel = None
        try:
            kernel = _forked(self.wanted)
        finally:
            self.started.set_result(kernel)

    def current(self) -> Kernel | None:
        """Return the kernel if it lives, and is as it would be forked now; otherwise end it."""
        _, environment, folder = self.wanted
        kernel = self.started.result()
        if kernel and warm.is_current(kernel.process, environment=environment, folder=folder):
            return kernel
        self.end()
        return None

    def end(self) -> None:
        """End the kernel, if there is one."""
        if kernel := self.started.result():
            kernel.close()


class Reserve:
    """Keeps the kernel that waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: Waiting | None = None
        self._is_registered = False

    def take(self, command: list[str], *, environment: Mapping[str, str], folder: Path) -> Kernel:
        """Return a kernel for a run, and prepare one for the next if there may be one.

        Args:
            command: as for `Kernel`.
            environment: likewise.
            folder: likewise.

        Raises:
            RunError: the kernel cannot be started.
        """
        wanted = (command, _shared(environment), folder)
        kernel = self._waiting_for(wanted) or Kernel(command, environment=environment, folder=folder)
        kernel.begin(environment)
        if kernel.is_warm and warm.expects_more():
            self.prepare(wanted)
        return kernel

    def prepare(self, wanted: tuple[list[str], dict[str, str], Path]) -> None:
        """Start a kernel on another thread, unless one like it waits or is about to."""
        with self._lock:
            before = self._next
            if before is not None and before.wanted == wanted:
                return
            self._next = waiting = Waiting(wanted)
            if not self._is_registered:
                warm.at_stop(self.close)
                os.register_at_fork(after_in_child=self._abandon)
                self._is_registered = True
        threading.Thread(target=_replace, args=(before, waiting), name="assetbook-reserve").start()

    def close(self) -> None:
        """End the kernel that waits."""
        with self._lock:
            waiting, self._next = self._next, None
        if waiting is not None:
            waiting.end()

    def _waiting_for(self, wanted: tuple[list[str], dict[str, str], Path]) -> Kernel | None:
        with self._lock:
            waiting = self._next
            if waiting is None or waiting.wanted != wanted:
                return None
            self._next = None
        return waiting.current()

    def _abandon(self) -> None:
        """Start anew in a process that was forked from this one, which keeps its kernel."""
        self._abandoned = self._next  # not let go of: that would close what it holds
        self._next = None
        self._lock = threading.Lock()  # another thread of that process may have held it


def _forked(wanted: tuple[list[str], dict[str, str], Path]) -> Kernel | None:
    command, environment, folder = wanted
    try:
        if not warm.is_ready(environment=environment, folder=folder):
            return None
        kernel = Kernel(command, environment=environment, folder=folder)
    except AssetbookError:  # the next run will meet it too, and say it
        return None
    if kernel.is_warm:
        return kernel
    kernel.close()
    return None


def _replace(before: Waiting | None, waiting: Waiting) -> None:
    waiting.start()
    if before is not None:
        before.end()


def _shared(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(_OF_A_RUN)}


_RESERVE = Reserve()


def take_kernel(command: list[str], *, environment: Mapping[str, str], folder: Path) -> Kernel:
    """Return a kernel for a run; see `Reserve.take`."""
    return _RESERVE.take(command, environment=environment, folder=folder)


def prepare_kernel(root: Path) -> None:
    """Have a kernel started for a run that is about to begin; see `assetbook.execute.prepare_kernel`."""
    command, _ = kernel_command(None)
    _RESERVE.prepare((command, _shared(kernel_environment(root)), root))
