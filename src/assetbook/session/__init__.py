"""What the public functions do where they are called: in a run of the platform, or anywhere else."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from assetbook.session.protocol import Session

__all__ = ["Session", "current"]


def current() -> Session:
    """Return the session of this process.

    In a run it is one object for as long as the kernel lives: it knows what has been saved. Elsewhere it
    follows the current folder.

    Raises:
        SessionError: the run's context cannot be read.
        WorkspaceError: neither a run nor a workspace.
    """
    from assetbook.session.context import VARIABLE

    if context := os.environ.get(VARIABLE):
        return _run(context)
    from assetbook.session.jupyter import JupyterSession
    from assetbook.settings import Settings

    return JupyterSession(Settings.load())


@cache
def _run(context: str) -> Session:
    from assetbook.session.context import RunContext
    from assetbook.session.run import RunSession

    return RunSession(RunContext.read(Path(context)))
