"""A notebook of the corpus as its author would hand it over: a folder with data, modules and an executed notebook."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from benchmarks.promote.execution import as_json, execute, keep_variables, kernel, run_from_top
from benchmarks.promote.reading import Cell, Sample

_JUPYTER: Mapping[str, Any] = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "name": "python", "version": "3.11.4"},
}


@dataclass(frozen=True)
class Project:
    """A project folder on disk, and what its notebook does when it runs.

    Attributes:
        root: the folder, as its author left it.
        notebook: the notebook in it.
        error: what the notebook raises when it runs from top to bottom here; None if it runs.
        reference: a copy of the folder in which it has run, with the files that it wrote: from top to bottom, or
            if that fails in its author's order.
        variables: of those that are outputs the values at the end of that run, pickled, by name.
    """

    root: Path
    notebook: Path
    error: str | None
    reference: Path
    variables: Mapping[str, Path]


def build(sample: Sample, place: Path) -> Project:
    """Make the project in ``place/people``, and run its notebook in copies beside it."""
    title = str(sample.header.get("project", sample.name))
    root, clean = place / "people" / title, place / "clean" / title
    _make_files(sample, clean)
    author = shutil.copytree(clean, place / "author" / title)
    variables = {o.variable: place / f"{o.variable}.pickle" for o in sample.outputs if o.variable}
    executed = _execute_as_author(sample, author, root, variables)
    (clean / sample.notebook).write_text(executed.text, "utf-8")
    shutil.copytree(author if sample.header.get("leftovers", True) else clean, root)
    (root / sample.notebook).write_text(executed.text, "utf-8")
    error, reference = executed.error, author
    if not sample.is_plain or sample.elsewhere or sample.stand_in:
        top = shutil.copytree(clean, place / "top" / title)
        kept = {name: file.with_suffix(".top") for name, file in variables.items()}
        error = run_from_top(top / sample.notebook, keep=kept)
        if error is None:
            reference, variables = top, kept
    return Project(root, root / sample.notebook, error, reference, variables)


@dataclass(frozen=True)
class _Executed:
    text: str
    error: str | None


def _make_files(sample: Sample, root: Path) -> None:
    root.mkdir(parents=True)
    if (sample.folder / "files").is_dir():
        shutil.copytree(sample.folder / "files", root, dirs_exist_ok=True)
    (root / sample.notebook).parent.mkdir(parents=True, exist_ok=True)
    if (sample.folder / "make_data.py").exists():
        runpy.run_path(str(sample.folder / "make_data.py"))["make"](root)


def _execute_as_author(sample: Sample, folder: Path, root: Path, variables: Mapping[str, Path]) -> _Executed:
    """Execute the cells in the order that their marks say, and return the notebook as it was saved then."""
    made = [_new_cell(number, cell) for number, cell in enumerate(sample.cells)]
    notebook = nbformat.v4.new_notebook(cells=list(made))
    error = None
    with kernel(notebook, (folder / sample.notebook).parent) as client:
        for position in _order(sample):
            cell, node = sample.cells[position], made[position]
            source = node.source
            node.source = _at_home(
                cell.executed_as if cell.executed_as is not None else source, sample, folder
            )
            raised = execute(client, node, position)
            node.source = source
            if raised and not cell.raises and "raises-exception" not in cell.tags:
                error = raised  # as when all is run, nothing after it is
                break
        keep_variables(client, notebook, variables if error is None else {})
    here = (folder / sample.notebook).parent
    replaced = [(str(folder / inside), theirs) for theirs, inside in sample.elsewhere.items()]
    replaced += [(str(here), str((root / sample.notebook).parent)), (str(folder), str(root))]
    return _Executed(as_json(_finished(sample, made), replaced=replaced), error)


def _order(sample: Sample) -> list[int]:
    """Return the positions of the cells in the order in which they are executed."""
    turns = []
    for position, cell in enumerate(sample.cells):
        if cell.kind == "code" and not cell.unexecuted and (cell.source or cell.executed_as):
            turns += [(turn, position) for turn in cell.run or (position,)]
    return [position for _, position in sorted(turns)]


def _at_home(source: str, sample: Sample, folder: Path) -> str:
    """Put the folders of the author's machine into this one."""
    for theirs, inside in sample.elsewhere.items():
        source = source.replace(theirs, str(folder / inside))
    for theirs, ours in sample.stand_in.items():
        source = source.replace(theirs, ours)
    return source


def _new_cell(number: int, cell: Cell) -> Any:
    metadata = {"tags": list(cell.tags)} if cell.tags else {}
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    node = make.get(cell.kind, nbformat.v4.new_raw_cell)(cell.source, metadata=metadata)
    node.id = f"cell-{number:02}"
    return node


def _finished(sample: Sample, made: list[Any]) -> dict[str, Any]:
    """Return the notebook as its author saved it: without deleted cells, perhaps cleared, in its format."""
    saved, minor = sample.header.get("saved", "executed"), str(sample.header.get("nbformat", "4.5"))[2:]
    cells = []
    for cell, node in zip(sample.cells, made, strict=True):
        if cell.deleted:
            continue
        content = {key: value for key, value in node.items() if key != "id" or minor == "5"}
        content["metadata"] = {k: v for k, v in node.metadata.items() if k != "execution"}
        if cell.kind == "code" and saved == "cleared":
            content |= {"outputs": [], "execution_count": None}
        cells.append(content)
    metadata = sample.header.get("metadata")
    return {
        "cells": cells,
        "metadata": dict(_JUPYTER) if metadata is None else metadata,
        "nbformat": 4,
        "nbformat_minor": int(minor),
    }
