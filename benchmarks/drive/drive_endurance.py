"""Runs many notebooks by Assetbook, and counts what they leave: processes, descriptors, sockets, files, memory."""

from __future__ import annotations

import gc
import logging
import re
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from drive import serve
from drive_notebooks import run_notebook, warm_up

SETTLED = 10.0  # seconds that something may still be on its way out
STALL = 2.0  # seconds over the median that a run is stuck
MB = 1024 * 1024


class Fallbacks(logging.Handler):
    """Counts how often a fresh kernel had to do, which Assetbook says in a warning.

    Attributes:
        count: how often.
    """

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count a warning."""
        self.count += 1


FALLBACKS = Fallbacks(logging.WARNING)


def in_row(notebook: str, folder: str, count: int) -> dict[str, Any]:
    """Run a notebook many times, one after the other; the first ones are not counted."""
    for _ in range(10):
        run_notebook(notebook, folder)
    return _counted(lambda: [run_notebook(notebook, folder)["seconds"] for _ in range(count)])


def at_once(notebook: str, folder: str, count: int) -> dict[str, Any]:
    """Run a notebook many times at once."""

    def run(number: int) -> float:
        place = Path(folder) / f"{number}"
        place.mkdir(exist_ok=True)
        return float(run_notebook(notebook, str(place))["seconds"])

    def work() -> list[float]:
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, range(count)))

    work()
    return _counted(work)


def _counted(work: Any) -> dict[str, Any]:
    before, begun = _before(), time.perf_counter()
    each = work()
    seconds = time.perf_counter() - begun
    after = _after(before)
    usual = statistics.median(each)
    return {
        "seconds": seconds,
        "each": usual,
        "slowest": max(each),
        "stalls": sum(one > usual + STALL for one in each),
        **{f"leaked_{name}": after[name] - before[name] for name in ("processes", "descriptors", "sockets")},
        "leaked_files": after["files"] - before["files"],
        "fallbacks": FALLBACKS.count,
        "growth": (after["memory"] - before["memory"]) / MB,
    }


def _before() -> dict[str, int]:
    """Count when nothing is on its way in or out."""
    found = _left()
    until = time.monotonic() + SETTLED
    while time.monotonic() < until:
        time.sleep(0.5)
        again = _left()
        if all(again[name] == found[name] for name in found if name != "memory"):
            return again
        found = again
    return found


def _after(before: dict[str, int]) -> dict[str, int]:
    """Count again, when what is on its way out is out."""
    until = time.monotonic() + SETTLED
    while True:
        time.sleep(0.5)
        after = _left()
        more = [name for name in before if name != "memory" and after[name] > before[name]]
        if not more or time.monotonic() > until:
            return after


def _left() -> dict[str, int]:
    """Count what this process, and what it has started, hold; again if something ends meanwhile."""
    import psutil

    gc.collect()
    while True:
        try:
            return _count()
        except (psutil.NoSuchProcess, FileNotFoundError):
            continue


def _count() -> dict[str, int]:
    import psutil

    own = psutil.Process()
    server = psutil.Process(_server())
    family = [own, *own.children(recursive=True), server, *server.children(recursive=True)]
    descriptors = [target for process in family for target in _descriptors(process.pid)]
    return {
        "processes": len(family),
        "descriptors": len(descriptors),
        "sockets": sum(target.startswith("socket:") for target in descriptors),
        "files": len(list(Path(tempfile.gettempdir()).rglob("*"))),
        "memory": sum(_memory(process.pid) for process in family),
    }


def _server() -> int:
    """Return the process id of the fork server, which all processes of a user share and is a child of none."""
    from assetbook.execute.warm import supply

    return supply._SUPPLY._server.pid


def _memory(pid: int) -> int:
    """Return the memory that a process has of its own and its parent's; mapped files come and go with others."""
    found = re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def _descriptors(pid: int) -> list[str]:
    """Return what the descriptors of a process stand for, without that of this look at them."""
    folder = Path(f"/proc/{pid}/fd")
    found = [str(link.readlink()) for link in folder.iterdir() if link.is_symlink()]
    return [target for target in found if not target.endswith(f"/{pid}/fd")]


if __name__ == "__main__":
    logging.getLogger("assetbook").addHandler(FALLBACKS)
    serve(warm_up, in_row, at_once)
