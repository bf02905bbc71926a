"""Notebooks with outputs, in two lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assetbook.execute.html import Fact, page

Cell = dict[str, Any]


def prose(source: str, **more: Any) -> Cell:
    return {"cell_type": "markdown", "source": source, "metadata": {}, **more}


def code(source: str, *outputs: dict[str, Any], tags: Sequence[str] = (), **run: Any) -> Cell:
    """Return a cell of code with what papermill says of its run."""
    metadata = {"tags": list(tags), **({"papermill": run} if run else {})}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": list(outputs)}


def ran(source: str, *outputs: dict[str, Any], seconds: float = 0.25, **more: Any) -> Cell:
    return code(source, *outputs, exception=False, status="completed", duration=seconds, **more)


def failed(source: str, *outputs: dict[str, Any], **more: Any) -> Cell:
    return code(source, *outputs, exception=True, status="failed", duration=1.5, **more)


def shown(data: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": dict(data), "metadata": metadata}


def html_of(text: str) -> dict[str, Any]:
    return shown({"text/html": text, "text/plain": "<IPython.core.display.HTML object>"})


def printed(text: str, stream: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": stream, "text": text}


def error(name: str, value: str, *traceback: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": list(traceback)}


def write(path: Path, *cells: Cell) -> Path:
    """Write a notebook whose cells have run in this order."""
    done = [c for c in cells if c.get("metadata") and "exception" in c["metadata"].get("papermill", {})]
    done = [c for c in done if c["metadata"]["papermill"]["exception"] is not None]
    counted = [c for c in done if "injected-parameters" not in c["metadata"]["tags"]]
    for count, cell in enumerate(counted, 1):
        cell["execution_count"] = count
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    document = {"nbformat": 4, "nbformat_minor": 4, "metadata": language, "cells": list(cells)}
    path.write_text(json.dumps(document), "utf-8")
    return path


def page_of(
    folder: Path, *cells: Cell, title: str = "Delays", facts: Mapping[str, Fact] | None = None
) -> str:
    """Return the page of a notebook."""
    return page(write(folder / "nb.ipynb", *cells), title=title, facts=facts or {})
