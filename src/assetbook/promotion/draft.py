"""A notebook while it is being promoted: its cells as they will be, each knowing which one it was."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assetbook.checking.fixing import edited
from assetbook.checking.model import Edit
from assetbook.notebook import Cell, Notebook

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class DraftCell:
    """One cell.

    Attributes:
        source: its text.
        kind: ``code``, ``markdown`` or ``raw``.
        tags: of its metadata.
        origin: the position that it has in the original, from 0; None for a cell that is new.
    """

    source: str
    kind: str = "code"
    tags: frozenset[str] = frozenset()
    origin: int | None = None


@dataclass(frozen=True)
class Draft:
    """The cells of a notebook that is being promoted, and the notebook that they come from."""

    original: Notebook
    cells: tuple[DraftCell, ...]

    @classmethod
    def of(cls, notebook: Notebook) -> Draft:
        """Begin with the notebook as it is."""
        cells = (DraftCell(cell.source, cell.kind, cell.tags, cell.index) for cell in notebook.cells)
        return cls(notebook, tuple(cells))

    def notebook(self) -> Notebook:
        """Return the draft as a notebook that has never been run."""
        cells: list[Cell] = []
        number = 0
        for index, cell in enumerate(self.cells):
            number += cell.kind == "code"
            kind: Any = cell.kind
            cells.append(Cell(number if cell.kind == "code" else None, kind, cell.source, cell.tags, index))
        raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": self._metadata(), "cells": self._raw_cells()}
        return Notebook(self.original.path, tuple(cells), metadata=self._metadata(), raw=raw)

    def edit(self, edits: Iterable[Edit]) -> Draft:
        """Return the draft with pieces of its cells replaced; their positions are those of this draft."""
        by_cell: dict[int, list[Edit]] = {}
        for edit in edits:
            by_cell.setdefault(edit.index, []).append(edit)
        cells = list(self.cells)
        for index, given in by_cell.items():
            cells[index] = replace(cells[index], source=edited(cells[index].source, given))
        return replace(self, cells=tuple(cells))

    def insert(self, position: int, cell: DraftCell) -> Draft:
        """Return the draft with one more cell."""
        return replace(self, cells=(*self.cells[:position], cell, *self.cells[position:]))

    def without_empty(self) -> Draft:
        """Return the draft without code cells that say nothing any more."""
        kept = (cell for cell in self.cells if cell.kind != "code" or cell.source.strip())
        return replace(self, cells=tuple(kept))

    def reordered(self, order: Sequence[int]) -> Draft:
        """Return the draft with its cells in another order of their positions."""
        return replace(self, cells=tuple(self.cells[position] for position in order))

    def number_of(self, position: int) -> int | None:
        """Return the number that a cell of the draft had in the original; None for a new one."""
        origin = self.cells[position].origin
        return None if origin is None else self.original.cells[origin].number

    def first_code(self) -> int:
        """Return the position of the first code cell."""
        return next((i for i, cell in enumerate(self.cells) if cell.kind == "code"), len(self.cells))

    def document(self) -> dict[str, Any]:
        """Return the notebook as JSON of format 4.5, without outputs: a run makes its own."""
        return {
            "cells": self._raw_cells(),
            "metadata": self._metadata(),
            "nbformat": 4,
            "nbformat_minor": 5,
        }

    def _metadata(self) -> dict[str, Any]:
        return {"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}

    def _raw_cells(self) -> list[dict[str, Any]]:
        return [self._raw(position, cell) for position, cell in enumerate(self.cells)]

    def _raw(self, position: int, cell: DraftCell) -> dict[str, Any]:
        before: Mapping[str, Any] = self.original.raw["cells"][cell.origin] if cell.origin is not None else {}
        metadata = before.get("metadata")
        kept = copy.deepcopy(metadata) if isinstance(metadata, dict) else {}
        kept.pop("execution", None)
        kept.pop("tags", None)
        if cell.tags:
            kept["tags"] = sorted(cell.tags)
        found: dict[str, Any] = {"cell_type": cell.kind, "id": _id(before, position, cell), "metadata": kept}
        if cell.kind == "code":
            found |= {"execution_count": None, "outputs": []}
        elif isinstance(before.get("attachments"), dict):
            found["attachments"] = before["attachments"]
        return found | {"source": cell.source.splitlines(keepends=True)}


def _id(before: Mapping[str, Any], position: int, cell: DraftCell) -> str:
    given = before.get("id")
    if isinstance(given, str) and given:
        return given
    return f"cell-{cell.origin}" if cell.origin is not None else f"added-{position}"
