"""One warm kernel that waits for the next notebook, so that a run need not wait for it to start.

It is forked and started while a notebook runs, with the variables that all runs of the workspace share, and is
told those of its own run when that begins. A run that differs in another one gets a kernel of its own making.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assetbook.errors import RunError
from assetbook.execute import warm
from assetbook.execute.kernel import Kernel

_OF_A_RUN = "ASSETBOOK_"  # nothing reads such a variable before the first cell


@dataclass
class Waiting:
    """A kernel that waits, and what a run must want to be given it: all that it was started with.

    Attributes:
        wanted: command, variables but those of a run, working folder.
        kernel: None until it has been forked.
    """

    wanted: tuple[list[str], dict[str, str], Path]
    kernel: Kernel | None = None

    @property
    def is_current(self) -> bool:
        """Whether the kernel lives, and is as it would be forked now."""
        _, environment, folder = self.wanted
        return self.kernel is not None and warm.is_current(
            self.kernel.process, environment=environment, folder=folder
        )


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
        shared = {name: value for name, value in environment.items() if not name.startswith(_OF_A_RUN)}
        wanted = (command, shared, folder)
        kernel = self._waiting_for(wanted) or Kernel(command, environment=environment, folder=folder)
        kernel.begin(environment)
        if kernel.is_warm and warm.expects_more():
            self._prepare(Waiting(wanted))
        return kernel

    def close(self) -> None:
        """End the kernel that waits."""
        with self._lock:
            waiting, self._next = self._next, None
        _end(waiting)

    def _waiting_for(self, wanted: tuple[list[str], dict[str, str], Path]) -> Kernel | None:
        with self._lock:
            waiting = self._next
            if waiting is None or waiting.kernel is None or waiting.wanted != wanted:
                return None
            self._next = None
        if waiting.is_current:
            return waiting.kernel
        _end(waiting)
        return None

    def _prepare(self, waiting: Waiting) -> None:
        """Start a kernel on another thread, unless one like it waits or is about to."""
        with self._lock:
            before = self._next
            if before is not None and before.wanted == waiting.wanted:
                return
            self._next = waiting
            if not self._is_registered:
                warm.at_stop(self.close)
                os.register_at_fork(after_in_child=self._abandon)
                self._is_registered = True
        threading.Thread(target=self._start, args=(waiting, before), name="assetbook-reserve").start()

    def _start(self, waiting: Waiting, before: Waiting | None) -> None:
        _end(before)
        command, environment, folder = waiting.wanted
        with suppress(RunError):  # the next run will meet it too, and say it
            kernel = Kernel(command, environment=environment, folder=folder)
            with self._lock:
                if kernel.is_warm and self._next is waiting:
                    waiting.kernel = kernel
                    return
            kernel.close()
        with self._lock:
            self._next = None if self._next is waiting else self._next

    def _abandon(self) -> None:
        """Start anew in a process that was forked from this one, which keeps its kernel."""
        self._abandoned = self._next  # not let go of: that would close what it holds
        self._next = None
        self._lock = threading.Lock()  # another thread of that process may have held it


def _end(waiting: Waiting | None) -> None:
    if waiting is not None and waiting.kernel is not None:
        waiting.kernel.close()


_RESERVE = Reserve()


def take_kernel(command: list[str], *, environment: Mapping[str, str], folder: Path) -> Kernel:
    """Return a kernel for a run; see `Reserve.take`."""
    return _RESERVE.take(command, environment=environment, folder=folder)
