"""One run of one notebook, from the file to the result."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.errors import RunError
from assetbook.execute.model import MB, Figure, NotebookJob, NotebookResult, Observer, Shown
from assetbook.execute.redact import Redactor, secret_values
from assetbook.record import NOTEBOOK

if TYPE_CHECKING:
    from assetbook.execute.cells import Cells
    from assetbook.execute.document import Document
    from assetbook.execute.kernel import Kernel
    from assetbook.execute.relay import Relay
    from assetbook.execute.watchdog import Watchdog

FIGURES = 20  # pictures in a result
FIGURE_LIMIT = 4 * MB  # characters of base64 of one of them
TABLES = 20
TABLE_LIMIT = 20_000  # characters of one of them
CONTEXT = "context.json"
_IMPORTING = threading.Lock()


def run_notebook(job: NotebookJob, *, observer: Observer) -> NotebookResult:
    """Run a notebook in a kernel of its own, to the end of it and of all processes that it started.

    See `notebook_run`.
    """
    with notebook_run(job, observer=observer) as result:
        return result


@contextmanager
def notebook_run(job: NotebookJob, *, observer: Observer) -> Iterator[NotebookResult]:
    """Run a notebook in a kernel of its own; the block begins after its last cell, while the kernel ends.

    The executed notebook is saved then, as far as it came. After the block, or when this raises, the kernel and
    all processes that the notebook started are gone. Several threads may do this at once.

    Args:
        job: what to run.
        observer: follows the run.

    Yields:
        How it went. A cell that fails, a limit that is passed and a kernel that dies are results.

    Raises:
        ContractError: the file is no notebook.
        RunError: the kernel cannot be started, or something cannot be written.
        Exception: whatever the observer raises.
    """
    _import()
    from assetbook.execute.relay import Relay

    job = _prepared(job)
    started = _now()
    redactor = _redactor(job)
    document = _open(job, redactor)
    relay = Relay(observer, redactor=redactor, events=Path(job.context.events) if job.context else None)
    document.notebook_start()
    with ExitStack() as held:
        try:
            cells, watchdog = _execute(job, document, relay, redactor, held=held)
            relay.poll()
        finally:
            with closing(relay):
                document.finish()
        yield NotebookResult(
            cells=tuple(cells.done),
            failure=cells.failure,
            events=tuple(relay.events),
            saved=document.path,
            started=started,
            finished=_now(),
            figures=tuple(_figures(document)),
            tables=tuple(_tables(document)),
            sources={number: document.nb.cells[index].source for index, number in document.numbers.items()},
            peak_memory_mb=round(watchdog.peak / MB, 1),
            shared_memory_mb=round(watchdog.shared / MB, 1),
        )


def prepare_kernel(root: Path) -> None:
    """Have a kernel started for a notebook that is about to be run; nothing happens where there are no warm ones.

    Args:
        root: the workspace folder.
    """
    _import()
    from assetbook.execute.reserve import prepare_kernel

    prepare_kernel(root.resolve())


def _import() -> None:
    """Import what runs notebooks, one thread at a time: papermill and Jupyter import each other in circles."""
    with _IMPORTING:
        from assetbook.execute import cells, document, kernel, relay, reserve  # noqa: F401


def _prepared(job: NotebookJob) -> NotebookJob:
    root = job.root.resolve()
    if not root.is_dir():
        raise RunError(f"The workspace folder {root} does not exist.")
    run_dir = job.run_dir.resolve()
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"The folder {run_dir} for the run cannot be made: {error.strerror}. Mend the path or the rights."
        ) from error
    return replace(job, notebook=job.notebook.resolve(), run_dir=run_dir, root=root)


def _redactor(job: NotebookJob) -> Redactor:
    storage = job.context.storage_options if job.context else {}
    return Redactor(secret_values(job.secrets, os.environ, job.environment or {}, storage, job.parameters))


def _open(job: NotebookJob, redactor: Redactor) -> Document:
    from assetbook.execute.document import Document

    return Document.open(
        job.notebook,
        job.run_dir / NOTEBOOK,
        root=job.root,
        parameters=job.parameters,
        hidden=job.secrets.keys(),
        redactor=redactor,
    )


def _execute(
    job: NotebookJob, document: Document, relay: Relay, redactor: Redactor, *, held: ExitStack
) -> tuple[Cells, Watchdog]:
    """Run the cells in a kernel that is gone when `held` is closed; return how they went, and what watched them."""
    from assetbook.execute.cells import Cells
    from assetbook.execute.environment import kernel_environment
    from assetbook.execute.kernel import kernel_command
    from assetbook.execute.reserve import take_kernel
    from assetbook.execute.watchdog import Watchdog

    try:
        command, variables = kernel_command(job.kernel or document.kernel)
    except RunError as error:
        raise RunError(f"{_name(job)}: {error}") from None
    context = held.enter_context(_context_file(job))
    given = {**variables, **(job.environment or {})}
    environment = kernel_environment(job.root, given=given, context=context)
    kernel = held.enter_context(take_kernel(command, environment=environment, folder=job.root))
    watchdog = Watchdog(kernel.pid, timeout=job.timeout, memory=job.memory, kill=kernel.kill)
    cells = Cells(document, kernel=kernel, watchdog=watchdog, relay=relay, redactor=redactor, name=_name(job))
    _complete(cells.run(), kernel)
    return cells, watchdog


def _complete(work: Coroutine[Any, Any, None], kernel: Kernel) -> None:
    """Run a coroutine to its end, also where this thread is inside an event loop already, as in Jupyter."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        _loop(work)
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(_loop, work)
        try:
            running.result()
        except BaseException:
            kernel.kill()  # lets the other thread come to its end
            raise


def _loop(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:  # the thread's own loop stays set
        runner.run(work)


@contextmanager
def _context_file(job: NotebookJob) -> Iterator[Path | None]:
    """Write what the session in the kernel needs to know, for as long as the kernel lives."""
    if job.context is None:
        yield None
        return
    path = job.run_dir / CONTEXT
    try:
        job.context.write(path)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _name(job: NotebookJob) -> str:
    inside = job.notebook.is_relative_to(job.root)
    return (job.notebook.relative_to(job.root) if inside else job.notebook).as_posix()


def _figures(document: Document) -> Iterator[Figure]:
    found = (
        Figure(cell=number, png_base64="".join(output["data"]["image/png"].split()))
        for number, output in _shown(document, "image/png")
    )
    return islice((picture for picture in found if len(picture["png_base64"]) <= FIGURE_LIMIT), FIGURES)


def _tables(document: Document) -> Iterator[Shown]:
    found = (
        Shown(cell=number, text=output["data"]["text/plain"])
        for number, output in _shown(document, "text/html")
        if "<table" in output["data"]["text/html"] and "text/plain" in output["data"]
    )
    return islice((table for table in found if len(table["text"]) <= TABLE_LIMIT), TABLES)


def _shown(document: Document, kind: str) -> Iterator[tuple[int, Any]]:
    """Give the outputs of a kind, each with the number of its cell."""
    for index, number in document.numbers.items():
        for output in document.nb.cells[index].outputs:
            if kind in output.get("data", {}):
                yield number, output


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
