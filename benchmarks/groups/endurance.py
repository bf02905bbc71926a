"""Many notebooks in a row, and many at once: what they leave behind."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from benchmarks.bench import Bench
from benchmarks.notebooks import TRIVIAL, write_notebook
from benchmarks.processes import OURS

EACH_ROUND = 67  # three rounds are two hundred notebooks, fifteen a thousand
AT_ONCE = 50
LEAKS = ("leaked_processes", "leaked_descriptors", "leaked_sockets", "leaked_files")


def inarow(bench: Bench) -> None:
    """One notebook after the other; how many are ``NOTEBOOKS`` in the environment, else by the rounds."""
    count = int(os.environ.get("NOTEBOOKS") or EACH_ROUND * bench.rounds)
    bench.report.title(f"inarow: {count} trivial notebooks in a row, in warm kernels of one process")
    found = _run(bench, "in_row", count)
    _tell(bench, "inarow", found)
    bench.report.figure("count", "inarow/stalls", found["stalls"])


def atonce(bench: Bench) -> None:
    """Fifty notebooks at once."""
    bench.report.title(f"atonce: {AT_ONCE} trivial notebooks at once, in warm kernels of one process")
    _tell(bench, "atonce", _run(bench, "at_once", AT_ONCE))


def _run(bench: Bench, how: str, count: int) -> Mapping[str, Any]:
    notebook = write_notebook(bench.folder / "trivial.ipynb", TRIVIAL)
    driver = bench.driver("drive_endurance", OURS)
    driver.ask("warm_up", root=bench.folder)
    return driver.ask(how, notebook=notebook, folder=bench.folder, count=count)


def _tell(bench: Bench, name: str, found: Mapping[str, Any]) -> None:
    report = bench.report
    report.note(
        f"{found['seconds']:.1f} s in all; half took up to {found['each']:.3f} s, the slowest {found['slowest']:.3f} s"
    )
    for leak in LEAKS:
        report.figure("count", f"{name}/{leak}", found[leak])
    report.figure("count", f"{name}/fallbacks", found["fallbacks"])
    report.figure("mb", f"{name}/growth", found["growth"])
