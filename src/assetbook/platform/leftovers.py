"""What a run needs only while it goes on, and how it is cleared away: by the run itself, or by the next one.

A step holds a lock in its folder for as long as it lives. The system lets go of it however the step ends, so
a folder with a draft of a record and a lock that nobody holds is that of a step which was killed.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assetbook.errors import AssetbookError, RunError
from assetbook.execute import processes
from assetbook.execute.run import CONTEXT
from assetbook.lake import Lake
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.outcome import Outcome
from assetbook.record import FILE, Record
from assetbook.session.context import VARIABLE
from assetbook.session.events import EventReader
from assetbook.settings import Settings

EVENTS = "events.jsonl"
ARTIFACTS = "artifacts"
DRAFT = "record.draft.json"
LOCK = "running.lock"
NO_SESSION = -1
DAY = 24 * 3600.0
_log = logging.getLogger(__name__)


@contextmanager
def running(
    folder: Path,
    *,
    draft: Record,
    lake: Lake,
    tables: Sequence[str],
    marks: Path,
    warn: Callable[[str], object],
) -> Iterator[None]:
    """Hold the folder of a run while it goes on; clear away afterwards what only the run needed.

    Args:
        folder: of the run; it is made.
        draft: the record that shall stand if the run cannot write its own.
        lake: where the run stages tables.
        tables: those that this notebook, and nobody else, writes.
        marks: where the runs are told that go on.
        warn: hears what could not be cleared away. The next run of the notebook tries again.

    Raises:
        RunError: the folder cannot be made.
    """
    _clear_killed(folder.parent, lake, tables, warn)
    lock = FileLock(folder / LOCK)
    try:
        folder.mkdir(parents=True)
        lock.acquire()
    except OSError as error:
        raise RunError(
            f"The folder {folder} for the run cannot be made: {error.strerror or error}. "
            "Mend the path or the rights, or free space."
        ) from error
    mark = marks / folder.name
    try:
        _mark(mark, folder)
        draft.write(folder / DRAFT)
        yield
    finally:
        _clear(folder, lake, warn)
        lock.release()
        mark.unlink(missing_ok=True)


def clear_killed(notebooks: Iterable[NotebookNode], lake: Lake, settings: Settings) -> None:
    """Clear away after all runs that were killed, also of notebooks that nobody runs now.

    Args:
        notebooks: of the workspace.
        lake: where their tables are.
        settings: of the workspace.
    """
    nodes = {settings.records / node.record_name: node for node in notebooks}
    for mark in settings.running.glob("*"):
        folder = Path(mark.read_text("utf-8"))
        node = nodes.get(folder.parent)
        tables = [o.name for o in node.contract.outputs if o.kind == "table"] if node else []
        _clear_killed(folder.parent, lake, tables, _log.warning)
        if not (folder / DRAFT).exists():
            mark.unlink(missing_ok=True)


def _mark(mark: Path, folder: Path) -> None:
    """Write down that a run goes on, where all are found at once."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(str(folder), "utf-8")


def _clear_killed(runs: Path, lake: Lake, tables: Sequence[str], warn: Callable[[str], object]) -> None:
    """Clear away after the runs of a notebook that were killed."""
    killed, alive, began = 0, 0, time.time()
    for draft in runs.glob(f"*/{DRAFT}"):
        lock = FileLock(draft.parent / LOCK)
        try:
            with lock.acquire(blocking=False):
                _end_processes(draft.parent)
                _clear(draft.parent, lake, warn)
            killed += 1
        except Timeout:
            alive += 1
    if not killed:
        return
    # A file that was being written when its run was killed is in no event: only its table knows of it.
    # What is younger than this look may be of a run that has begun meanwhile.
    for name in tables:
        lake.sweep(name, older_than=DAY if alive else time.time() - began)


def _end_processes(folder: Path) -> None:
    """End what the notebook of a killed run had started and what has outlived its kernel.

    It is known by the environment variable that names the run.
    """
    processes.end([], session=NO_SESSION, mark=f"{VARIABLE}={(folder / CONTEXT).resolve()}")


def _clear(folder: Path, lake: Lake, warn: Callable[[str], object]) -> None:
    """Remove what was staged and not published, models, events and context; then the marks of a run."""
    try:
        lake.discard(Outcome.read(EventReader(folder / EVENTS).poll()).staged)
        shutil.rmtree(folder / ARTIFACTS, ignore_errors=True)
        if (folder / DRAFT).exists() and not (folder / FILE).exists():
            (folder / DRAFT).replace(folder / FILE)
        for name in (EVENTS, CONTEXT, DRAFT, LOCK):
            (folder / name).unlink(missing_ok=True)
    except (AssetbookError, OSError, ValueError) as error:
        warn(f"{folder} could not be cleared: {error}. The next run of the notebook tries again.")
