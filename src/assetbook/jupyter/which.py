"""Which notebook a kernel belongs to, as far as the program that started it says so."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assetbook.errors import SessionError
from assetbook.forms import is_notebook

_JUPYTER = "JPY_SESSION_NAME"  # JupyterLab and Notebook set it to the file, of a console to another name
_VSCODE = "__vsc_ipynb_file__"  # a name that VS Code defines in the kernel


def notebook_of(names: Mapping[str, Any], *, given: str = "") -> Path:
    """Return the file of a notebook.

    Args:
        names: what is defined in its kernel.
        given: what the person has said; it goes before all else.

    Raises:
        SessionError: it cannot be told, or there is no such file.
    """
    if given := given.strip().strip("\"'"):
        path = Path(given).expanduser().absolute()
        if not path.is_file():
            raise SessionError(
                f"There is no file {path}. Give the path from {Path.cwd()}, or the whole path."
            )
        return path
    for said in (os.environ.get(_JUPYTER), names.get(_VSCODE)):
        if isinstance(said, str) and said and Path(said).suffix:
            path = Path(said).absolute()
            if is_notebook(path) and path.is_file():
                return path
    raise SessionError(
        "Which notebook this is cannot be told: it was renamed since its kernel began, or its program does not say. "
        "Name its file: %assetbook path/to/notebook.ipynb"
    )
