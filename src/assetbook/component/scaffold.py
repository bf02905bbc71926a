"""What ``dg scaffold defs assetbook.NotebookAssets NAME`` writes: the component, and a first notebook that runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import dagster as dg
from dagster.components.component_scaffolding import scaffold_component

FOLDER = "notebooks"
_IN_PYTHON = """\
import dagster as dg
from assetbook import NotebookAssets


@dg.component_instance
def load(context: dg.ComponentLoadContext) -> NotebookAssets:
    return NotebookAssets(notebooks="{folder}")
"""


class NotebookScaffolder(dg.Scaffolder[Any]):
    """Writes the definition, and beside it a folder with one notebook, called like the component."""

    def scaffold(self, request: dg.ScaffoldRequest[Any]) -> None:
        """Write the files of a new component."""
        if request.scaffold_format == "python":
            code = _IN_PYTHON.format(folder=FOLDER)
            (request.target_path / "component.py").write_text(code, "utf-8")
        else:
            scaffold_component(request, {"notebooks": FOLDER})
        if not request.append:
            _write_notebook(request.target_path)


def _write_notebook(component: Path) -> None:
    name = re.sub(r"\W", "_", component.name, flags=re.ASCII)
    path = component / FOLDER / f"{name}.ipynb"
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_notebook(name), indent=1) + "\n", "utf-8")


def _notebook(name: str) -> dict[str, Any]:
    title = name.replace("_", " ").capitalize()
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            _cell("title", f"# {title}\n\nWhat this notebook gives, in a sentence.", kind="markdown"),
            _cell("parameters", "rows: int = 10  # how many rows the table has", tags=["parameters"]),
            _cell(
                "work",
                'import pandas as pd\n\nimport assetbook as ab\n\nframe = pd.DataFrame({"n": range(rows)})',
            ),
            _cell("save", f'ab.save("{name}", frame)\nab.check("has_rows", len(frame) > 0)'),
        ],
    }


def _cell(identity: str, source: str, *, kind: str = "code", tags: list[str] | None = None) -> dict[str, Any]:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    metadata = {"tags": tags} if tags else {}
    return {"cell_type": kind, "id": identity, "metadata": metadata, "source": source, **code}
