"""Notebooks in kernels of their own, without any of our code: as their author did, and from top to bottom."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.v4.rwbase import split_lines

PATIENCE = 300  # seconds for a cell
KERNEL = "python3"
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}  # whatever a cell would install


@contextmanager
def kernel(notebook: Any, folder: Path) -> Iterator[NotebookClient]:
    """Give a client with a new kernel that works in a folder."""
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, kernel_name=KERNEL, resources=resources, timeout=PATIENCE, shutdown_kernel="immediate"
    )
    client.reset_execution_trackers()
    with client.setup_kernel(env=_environment(), stderr=subprocess.DEVNULL):
        client.wait_for_reply(client.kc.kernel_info())
        yield client


def execute(client: NotebookClient, cell: Any, position: int) -> str | None:
    """Execute a cell; return what was raised, in one line, or None."""
    try:
        client.execute_cell(cell, position)
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}"[:300]
    except (CellTimeoutError, DeadKernelError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def run_from_top(path: Path, *, keep: Mapping[str, Path]) -> str | None:
    """Run a notebook from top to bottom; return what was raised, or None.

    Args:
        path: the notebook; its kernel works in its folder.
        keep: variables to the files that they are pickled to at the end.
    """
    notebook = nbformat.reads(path.read_text("utf-8"), as_version=4)
    with kernel(notebook, path.parent) as client:
        for position, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                error = execute(client, cell, position)
                if error is not None and "raises-exception" not in cell.metadata.get("tags", ()):
                    return error
        return keep_variables(client, notebook, keep)


def keep_variables(client: NotebookClient, notebook: Any, keep: Mapping[str, Path]) -> str | None:
    """Pickle variables into files; return what was raised, or None."""
    for variable, file in keep.items():
        source = f"import cloudpickle as _p\nwith open({str(file)!r}, 'wb') as _f: _p.dump({variable}, _f)"
        cell = nbformat.v4.new_code_cell(source)
        notebook.cells.append(cell)
        error = execute(client, cell, len(notebook.cells) - 1)
        if error is not None:
            return error
    return None


def as_json(notebook: Mapping[str, Any], *, replaced: Iterable[tuple[str, str]]) -> str:
    """Return a notebook's file as Jupyter writes it, with texts replaced in its outputs.

    Args:
        notebook: with its sources in one piece.
        replaced: what stands in the outputs, and what is to stand there.
    """
    cells = []
    for cell in notebook["cells"]:
        written = dict(cell)
        if "outputs" in cell:
            text = json.dumps(cell["outputs"], ensure_ascii=False)
            for old, new in replaced:
                text = text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
            written["outputs"] = json.loads(text)
        cells.append(written)
    content = split_lines(nbformat.from_dict({**notebook, "cells": cells}))
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _environment() -> dict[str, str]:
    own = ("ASSETBOOK_", "DAGSTER_", "PYTEST")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(own)}
    return kept | OFFLINE | {"PATH": search_path()}


def search_path() -> str:
    """Return where programs are looked for: in this environment first, as when it is activated."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
