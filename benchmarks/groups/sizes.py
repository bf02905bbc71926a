"""Many cells and big outputs, against nbclient."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.bench import Bench
from benchmarks.notebooks import write_notebook
from benchmarks.processes import OURS

_LINE = "0123456789 " * 9  # a hundred characters with its end


def cells500(bench: Bench) -> None:
    """Five hundred small cells."""
    _measure(bench, "cells500", "500 small cells", [f"x{n} = {n}\nprint(x{n})" for n in range(500)])


def outputs10000(bench: Bench) -> None:
    """Ten thousand small outputs of one cell."""
    cell = "from IPython.display import display\nfor n in range(10_000):\n    display(n)"
    _measure(bench, "outputs10000", "10,000 small outputs of one cell", [cell])


def output50mb(bench: Bench) -> None:
    """One output of 50 MB: printed text."""
    _measure(bench, "output50mb", "one printed output of 50 MB", [f"print({_LINE!r} * 500_000)"])


def display50mb(bench: Bench) -> None:
    """One output of 50 MB: a page of HTML."""
    cell = f"from IPython.display import HTML\nHTML({_LINE!r} * 500_000)"
    _measure(bench, "display50mb", "one displayed output of 50 MB", [cell])


def _measure(bench: Bench, name: str, what: str, cells: Sequence[str]) -> None:
    bench.report.title(f"{name}: {what}, executed and saved")
    notebook = write_notebook(bench.folder / f"{name}.ipynb", cells)
    ours, peer = bench.driver("drive_notebooks", OURS), bench.driver("drive_notebooks", OURS)
    ours.ask("warm_up", root=bench.folder)
    here = {"notebook": notebook, "folder": bench.folder}
    times = bench.measure(
        {
            "ours, run_notebook": bench.ask(ours, "run_notebook", **here),
            "ours, run_notebook, fresh kernel": bench.ask(ours, "run_notebook", **here, kernels="fresh"),
            "nbclient": bench.ask(peer, "nbclient", **here),
        }
    )
    times.ratio(f"{name}/nbclient", "ours, run_notebook", "nbclient")
    times.ratio(f"{name}/nbclient_fresh", "ours, run_notebook, fresh kernel", "nbclient")
