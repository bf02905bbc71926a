"""What is measured: two notebooks, the same code in other clothes, and a table."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

TRIVIAL = ["x = 1", "y = x + 1", "print(x + y)"]
REAL = [
    "import numpy as np\nimport pandas as pd\nimport matplotlib\n"
    "import matplotlib.pyplot as plt\nfrom sklearn.linear_model import LogisticRegression",
    "rng = np.random.default_rng(0)\n"
    "frame = pd.DataFrame(rng.normal(size=(300_000, 5)), columns=list('abcde'))\n"
    "frame['late'] = frame.a + frame.b + rng.normal(size=len(frame)) > 0",
    "daily = frame.groupby(frame.index // 1000).mean()",
    "model = LogisticRegression().fit(frame[list('abcde')], frame.late)",
    "figure, axes = plt.subplots()\naxes.plot(daily.a)\nfigure.savefig('figure.png')\nplt.close(figure)",
    "print(model.score(frame[list('abcde')], frame.late))",
]


def write_notebook(path: Path, cells: list[str]) -> Path:
    """Write a notebook of these code cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = [
        {
            "id": f"c{n}",
            "cell_type": "code",
            "metadata": {},
            "source": s,
            "execution_count": None,
            "outputs": [],
        }
        for n, s in enumerate(cells)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": found}))
    return path


class Silent:
    """An observer that looks away."""

    def cell_started(self, number: int, total: int) -> None: ...
    def cell_finished(self, number: int, total: int, seconds: float) -> None: ...
    def text(self, stream: str, text: str) -> None: ...
    def event(self, event: dict[str, Any]) -> None: ...


def ours(notebook: Path, folder: Path) -> Callable[[], None]:
    """Run a notebook by `assetbook.execute`."""
    from assetbook.execute import NotebookJob, run_notebook

    def run() -> None:
        result = run_notebook(NotebookJob(notebook, run_dir=folder / "run", root=folder), observer=Silent())
        if result.failure is not None:
            raise RuntimeError(result.failure.message())

    return run


def papermill(notebook: Path, folder: Path) -> Callable[[], None]:
    """Run a notebook by papermill in this process, as its documentation shows it."""
    import papermill as pm

    def run() -> None:
        pm.execute_notebook(
            notebook, folder / "out.ipynb", progress_bar=False, cwd=folder, kernel_name="python3"
        )

    return run


def script(cells: list[str], folder: Path) -> Callable[[], None]:
    """Run the cells as a script in a new Python."""
    path = folder / "script.py"
    path.write_text("\n".join(["import matplotlib; matplotlib.use('Agg')", *cells]))
    return lambda: (
        subprocess.run([sys.executable, path], check=True, cwd=folder, stdout=subprocess.DEVNULL) and None
    )


def notebook_as_asset(root: Path, cells: list[str], instance: Any) -> Callable[[], None]:
    """Materialize the notebook as an asset of a small workspace, in this process."""
    from assetbook.platform import definitions

    (root / "resources").mkdir(parents=True)
    (root / "workspace.yaml").write_text("load_from: []\n")
    (root / "resources" / "local.py").write_text(
        "from assetbook.platform import LakeIOManager\n"
        "def resources(settings):\n    return {'io_manager': LakeIOManager(root=settings.lake)}\n"
    )
    write_notebook(root / "notebooks" / "real.ipynb", cells)
    job = definitions(root).resolve_implicit_global_asset_job_def()
    return lambda: _materialized(job.execute_in_process(instance=instance, run_config=QUIET))


def plain_asset(cells: list[str], folder: Path, instance: Any) -> Callable[[], None]:
    """Materialize a plain asset with the same code, in this process."""
    import os

    import dagster as dg

    code = compile("\n".join(["import matplotlib; matplotlib.use('Agg')", *cells]), "cells", "exec")

    @dg.asset
    def plain() -> None:
        before = Path.cwd()
        os.chdir(folder)
        try:
            exec(code, {})
        finally:
            os.chdir(before)

    job = dg.Definitions(assets=[plain]).resolve_implicit_global_asset_job_def()
    return lambda: _materialized(job.execute_in_process(instance=instance, run_config=QUIET))


QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def _materialized(result: Any) -> None:
    if not result.success:
        raise RuntimeError("the asset failed")
