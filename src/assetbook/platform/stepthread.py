"""One step of a Dagster run on a thread of its own: its room, its output, and how it is interrupted."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar, copy_context
from queue import SimpleQueue
from typing import TextIO

from dagster import DagsterEvent
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.execution.compute_logs import create_compute_log_file_key
from dagster._core.execution.context.system import StepExecutionContext
from dagster._core.execution.plan.execute_plan import (
    _handle_compute_log_setup_error,
    dagster_event_sequence_for_step,
)
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._utils import touch_file

KERNEL_TAG = "assetbook/kernel"  # of an op whose work is in a process of its own


class Room:
    """How much may run at once in this process, whatever run it belongs to."""

    def __init__(self, limit: int | None = None) -> None:
        """Make room for `limit` steps; by default for as many as there are cores."""
        self.limit = limit or cores()
        self._places = threading.BoundedSemaphore(self.limit)
        self._process = threading.Lock()

    @contextmanager
    def place(self, *, shared: bool) -> Iterator[None]:
        """Wait for a place; a step that does not work in a kernel has the process for itself."""
        with ExitStack() as held:
            if not shared:
                held.enter_context(self._process)
            held.enter_context(self._places)
            yield


Reports = SimpleQueue["tuple[StepThread, DagsterEvent | None]"]  # None: the thread has come to its end


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class StepThread(threading.Thread):
    """Runs a step and reports its events.

    Attributes:
        step: Dagster's context of it.
        error: what ended it other than by its events, or None.
        stdout: where its printed text goes.
        stderr: likewise.
    """

    def __init__(self, step: StepExecutionContext, *, room: Room, reports: Reports) -> None:
        """Prepare the thread."""
        super().__init__(name=f"assetbook-{step.step.key}", daemon=True)
        self.step = step
        self.error: BaseException | None = None
        self.stdout: TextIO = sys.stdout
        self.stderr: TextIO = sys.stderr
        self._in_kernel = KERNEL_TAG in (step.step.tags or {})
        self._room = room
        self._reports = reports
        self._context = copy_context()  # of who follows the run
        self._lock = threading.Lock()
        self._interrupted = False
        self._working = False
        self._on_interrupt: Callable[[], object] | None = None

    def run(self) -> None:
        """Run the step."""
        try:
            self._context.run(self._run)
        except BaseException as error:  # noqa: BLE001 - raised again by the executor, on its own thread
            self.error = error
        self._reports.put((self, None))

    def interrupt(self) -> None:
        """Let the step come to its end before time; what it has begun to publish it publishes."""
        with self._lock:
            self._interrupted = True
            if self._on_interrupt is not None:
                self._on_interrupt()
            elif self._working and not self._in_kernel and self.ident is not None:
                _raise_in(self.ident, DagsterExecutionInterruptedError)

    def on_interrupt(self, callback: Callable[[], object]) -> None:
        """Have `callback` called, from another thread, when the step is interrupted; at once if it has been."""
        with self._lock:
            self._on_interrupt = callback
            if self._interrupted:
                callback()

    def _run(self) -> None:
        _CURRENT.set(self)
        with self._room.place(shared=self._in_kernel):
            with self._lock:
                if self._interrupted:
                    return
                self._working = True
            try:
                with self._output() if self._in_kernel else self._captured():
                    for event in dagster_event_sequence_for_step(self.step):
                        self._report(event)
            finally:
                with self._lock:
                    self._working = False

    def _report(self, event: DagsterEvent) -> None:
        self._reports.put((self, event))

    @contextmanager
    def _captured(self) -> Iterator[None]:
        """Take what the whole process prints for the output of this step."""
        with ExitStack() as capture:
            try:
                key = self._log_key()
                taken = capture.enter_context(self.step.instance.compute_log_manager.capture_logs(key))
                self._report(DagsterEvent.capture_logs(self.step, [self.step.step.key], key, taken))
            except Exception:  # noqa: BLE001 - reported; a step runs without logs, too
                self._no_logs()
            yield

    @contextmanager
    def _output(self) -> Iterator[None]:
        """Open the files that take what a kernel prints, whatever else runs in this process."""
        manager, key = self.step.instance.compute_log_manager, self._log_key()
        with ExitStack() as opened:
            try:
                out = opened.enter_context(manager.open_log_stream(key, ComputeIOType.STDOUT))
                err = opened.enter_context(manager.open_log_stream(key, ComputeIOType.STDERR))
                self.stdout, self.stderr = out or self.stdout, err or self.stderr  # type: ignore[assignment]
                taken = CapturedLogContext(key)
                self._report(DagsterEvent.capture_logs(self.step, [self.step.step.key], key, taken))
            except Exception:  # noqa: BLE001 - reported; a step runs without logs, too
                self._no_logs()
            yield
        if isinstance(manager, LocalComputeLogManager):
            with suppress(OSError):  # it only tells the UI to look no more
                touch_file(manager.complete_artifact_path(key))  # type: ignore[no-untyped-call]

    def _no_logs(self) -> None:
        for event in _handle_compute_log_setup_error(self.step, sys.exc_info()):
            self._report(event)

    def _log_key(self) -> list[str]:
        manager = self.step.instance.compute_log_manager
        file_key = create_compute_log_file_key()  # type: ignore[no-untyped-call]
        return list(manager.build_log_key_for_run(self.step.run_id, file_key))


_CURRENT: ContextVar[StepThread | None] = ContextVar("assetbook_step", default=None)


def current_step() -> StepThread | None:
    """Return the step that this code runs in; None where Dagster runs steps in another way."""
    return _CURRENT.get()


def _raise_in(ident: int, error: type[BaseException]) -> None:
    """Raise `error` in another thread as soon as it runs Python again."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(error))
