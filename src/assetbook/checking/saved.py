"""What a notebook file keeps of its last run: execution counts and outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assetbook.notebook import Cell

if TYPE_CHECKING:
    from assetbook.checking.subject import Subject


def execution_count(subject: Subject, cell: Cell) -> int | None:
    """Return a cell's execution count; None where it has none, or something else."""
    count = subject.raw(cell).get("execution_count")
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else None


def counted_cells(subject: Subject) -> Iterator[tuple[Cell, int]]:
    """Give the code cells that were run, with their execution counts; also the one that papermill injects."""
    for cell in subject.notebook.cells:
        if cell.kind == "code" and (count := execution_count(subject, cell)) is not None:
            yield cell, count


def outputs(subject: Subject, cell: Cell) -> list[dict[str, Any]]:
    """Return a cell's saved outputs."""
    found = subject.raw(cell).get("outputs")
    return [output for output in found if isinstance(output, dict)] if isinstance(found, list) else []
