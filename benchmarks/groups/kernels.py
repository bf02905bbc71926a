"""How soon a kernel is ready for its first cell."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.notebooks import TRIVIAL, write_notebook
from benchmarks.processes import OURS

OFTEN = 5  # times the rounds: each takes a moment only


def kernel_ready(bench: Bench) -> None:
    """From the call of `run_notebook` to its first cell; and from the call of Jupyter's client to a ready kernel."""
    bench.report.title("kernel_ready: from the call to the first cell")
    notebook = write_notebook(bench.folder / "trivial.ipynb", TRIVIAL)
    ours, peer = bench.driver("drive_notebooks", OURS), bench.driver("drive_notebooks", OURS)
    ours.ask("warm_up", root=bench.folder)
    here = {"notebook": notebook, "folder": bench.folder}
    times = bench.measure(
        {
            "ours, warm kernel": bench.ask(ours, "kernel_ready", **here, kernels="warm"),
            "ours, fresh kernel": bench.ask(ours, "kernel_ready", **here, kernels="fresh"),
            "jupyter_client": bench.ask(peer, "jupyter_ready"),
        },
        rounds=OFTEN * bench.rounds,
    )
    times.figure("ms", "kernel_ready/warm", "ours, warm kernel")
    times.figure("ms", "kernel_ready/fresh", "ours, fresh kernel")
    times.figure("ms", "kernel_ready/jupyter_client", "jupyter_client")
    times.ratio("kernel_ready/jupyter_client", "ours, warm kernel", "jupyter_client")
    times.ratio("kernel_ready/jupyter_client_fresh", "ours, fresh kernel", "jupyter_client")
