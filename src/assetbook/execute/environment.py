"""The environment of a kernel: that of this process without what is the platform's own business."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_DROPPED = ("DAGSTER_", "MLFLOW_", "PYDEVD_", "JPY_", "IPYTHON")
_OWN = "ASSETBOOK_"  # a run is told everything in its context file
INLINE = "module://matplotlib_inline.backend_inline"


def kernel_environment(
    root: Path, *, given: Mapping[str, str] | None = None, context: Path | None = None
) -> dict[str, str]:
    """Return the environment variables of a kernel.

    Args:
        root: the workspace folder: importable in the notebook.
        given: variables to set on top; they win.
        context: the file that tells the notebook about its run. Without one the notebook behaves as in
            Jupyter, and keeps the settings of the workspace that come by environment.
    """
    dropped = (*_DROPPED, _OWN) if context else (*_DROPPED, "ASSETBOOK_RUN")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    search = [str(root), *filter(None, [kept.get("PYTHONPATH")])]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(search),
        "MPLBACKEND": INLINE,  # as in Jupyter, also where the platform's own processes use another one
        "ASSETBOOK_ROOT": str(root),
        **({"ASSETBOOK_RUN": str(context)} if context else {}),
        **(given or {}),
    }
