"""``make bench``, or ``python -m benchmarks GROUP ...``; ``ROUNDS`` and ``BENCH`` in the environment: see README.md."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.groups import endurance, graph, kernels, many, pages, single, sizes, tables
from benchmarks.processes import PEERS
from benchmarks.report import Report

ROUNDS = 3
GROUPS: dict[str, Callable[[Bench], None]] = {
    "trivial": single.trivial,
    "real": single.real,
    "graph20": graph.graph20,
    "kernel_ready": kernels.kernel_ready,
    "cells500": sizes.cells500,
    "outputs10000": sizes.outputs10000,
    "output50mb": sizes.output50mb,
    "display50mb": sizes.display50mb,
    "load": many.load,
    "read1000": many.read1000,
    "pages": pages.pages,
    "pages200": pages.pages200,
    "one1000": many.one1000,
    "table": tables.table,
    "table10m": tables.table10m,
    "inarow": endurance.inarow,
    "atonce": endurance.atonce,
    "noop1000": many.noop1000,
}
ASKED_FOR = {"graph20_cli": graph.graph20_cli}  # takes many minutes


def main(wanted: Sequence[str]) -> int:
    """Measure the groups that are wanted, all by default; return the exit code."""
    rounds, names = int(os.environ.get("ROUNDS") or ROUNDS), _names(wanted)
    report, begun = Report(), time.monotonic()
    if not PEERS.exists():
        sys.exit("The environment of the peers is missing: `make bench` makes it.")
    print(f"{', '.join(names)}: medians of {rounds} interleaved rounds, after one to warm up")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder), rounds, report)
        for name in names:
            try:
                with bench.group(name) as group:
                    (GROUPS | ASKED_FOR)[name](group)
            except Exception as error:  # noqa: BLE001 - told, and the others are measured all the same
                report.failed(name, error)
    report.table()
    print(f"\n{rounds} rounds, {(time.monotonic() - begun) / 60:.0f} minutes")
    return 1 if report.failures else 0


def _names(wanted: Sequence[str]) -> list[str]:
    names = list(wanted) or os.environ.get("BENCH", "").split() or list(GROUPS)
    known = GROUPS | ASKED_FOR
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"There is no group {unknown[0]!r}. Known: {', '.join(known)}.")
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
