"""Run one notebook with papermill: isolated, followed while it runs, bounded in time, memory and output.

Knows nothing of Dagster. `run_notebook` is the whole of it; the rest is data.
"""

from assetbook.execute.failure import CellFailure
from assetbook.execute.model import CellRun, Figure, NotebookJob, NotebookResult, Observer
from assetbook.execute.run import run_notebook

__all__ = [
    "CellFailure",
    "CellRun",
    "Figure",
    "NotebookJob",
    "NotebookResult",
    "Observer",
    "run_notebook",
]
