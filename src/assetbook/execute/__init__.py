"""Run one notebook with papermill: isolated, followed while it runs, bounded in time, memory and output.

Knows nothing of Dagster. `notebook_run` is the whole of it; the rest is data.
"""

from assetbook.execute.failure import CellFailure
from assetbook.execute.model import CellRun, Figure, NotebookJob, NotebookResult, Observer
from assetbook.execute.run import notebook_run, prepare_kernel, run_notebook

__all__ = [
    "CellFailure",
    "CellRun",
    "Figure",
    "NotebookJob",
    "NotebookResult",
    "Observer",
    "notebook_run",
    "prepare_kernel",
    "run_notebook",
]
