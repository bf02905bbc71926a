"""Runs notebooks without Dagster: by Assetbook, papermill and nbclient, from a process that runs already."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from drive import serve, timed


class Silent:
    """An observer that looks away, but for when the first cell began.

    Attributes:
        begun: when that was, on the clock of `time.perf_counter`.
    """

    begun: float | None = None

    def cell_started(self, number: int, total: int) -> None:
        self.begun = self.begun or time.perf_counter()

    def cell_finished(self, number: int, total: int, seconds: float) -> None: ...
    def text(self, stream: str, text: str) -> None: ...
    def event(self, event: dict[str, Any]) -> None: ...


def warm_up(root: str) -> dict[str, Any]:
    """Have the libraries of warm kernels imported, as from the second notebook on."""
    from assetbook.execute import warm

    return {"ready": warm.warm_up(Path(root), wait=60)}


def _run(notebook: str, folder: str, kernels: str) -> Silent:
    from assetbook.execute import NotebookJob, run_notebook

    os.environ["ASSETBOOK_KERNELS"] = kernels
    seen = Silent()
    result = run_notebook(
        NotebookJob(Path(notebook), run_dir=Path(folder) / "run", root=Path(folder)), observer=seen
    )
    if result.failure is not None:
        raise RuntimeError(result.failure.message())
    return seen


def run_notebook(notebook: str, folder: str, kernels: str = "warm") -> dict[str, Any]:
    """Run a notebook by Assetbook."""
    return timed(lambda: _run(notebook, folder, kernels))


def kernel_ready(notebook: str, folder: str, kernels: str) -> dict[str, Any]:
    """Run a notebook by Assetbook; the seconds are those from the call to its first cell."""
    called = time.perf_counter()
    begun = _run(notebook, folder, kernels).begun
    assert begun
    return {"seconds": begun - called}


def jupyter_ready() -> dict[str, Any]:
    """Start a kernel by Jupyter's client; the seconds are those until it is ready."""
    from jupyter_client.manager import start_new_kernel

    begun = time.perf_counter()
    manager, client = start_new_kernel(kernel_name="python3")
    seconds = time.perf_counter() - begun
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return {"seconds": seconds}


def papermill(notebooks: list[str], folder: str) -> dict[str, Any]:
    """Run notebooks one after the other by papermill, as its documentation shows it."""
    import papermill as pm

    def work() -> None:
        for notebook in notebooks:
            pm.execute_notebook(
                notebook, Path(folder) / "out.ipynb", progress_bar=False, cwd=folder, kernel_name="python3"
            )

    return timed(work)


def nbclient(notebook: str, folder: str) -> dict[str, Any]:
    """Run a notebook by nbclient, and save it, as its documentation shows it."""
    import nbformat
    from nbclient import NotebookClient

    def work() -> None:
        nb = nbformat.read(notebook, as_version=4)
        NotebookClient(nb, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
        nbformat.write(nb, Path(folder) / "out.ipynb")

    return timed(work)


if __name__ == "__main__":
    serve(warm_up, run_notebook, kernel_ready, jupyter_ready, papermill, nbclient)
