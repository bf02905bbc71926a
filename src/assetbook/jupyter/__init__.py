"""``%load_ext assetbook``: a notebook in Jupyter sees what it is as an asset, and what would go wrong with it.

In a run of the platform there is nobody to see it: the extension does nothing there.
"""

from __future__ import annotations

import os
from typing import Any

MAGIC = "assetbook"
_IN_A_RUN = "ASSETBOOK_RUN"  # `assetbook.session.context` is not imported for its name


def load(ipython: Any) -> None:
    """Show the asset's plan, and let ``%assetbook`` show it again.

    Args:
        ipython: the shell of the notebook.
    """
    if _IN_A_RUN in os.environ:
        ipython.register_magic_function(lambda _: None, "line", MAGIC)
        return
    from assetbook.jupyter.shown import show

    ipython.register_magic_function(lambda line: show(ipython, line), "line", MAGIC)
    show(ipython, "")
