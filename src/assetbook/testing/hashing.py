"""Where a notebook makes sets: their order is another one in each Python process."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from assetbook.notebook import read_notebook

_MAKERS = frozenset({"set", "frozenset", "hash"})


def sets_in(path: Path) -> list[str]:
    """Return a sentence for each line of a notebook that makes a set, or asks for a hash."""
    notebook = read_notebook(path)
    return [
        f"cell {cell.number}, line {line}: a set has another order in each process. Sort it."
        for cell in notebook.cells
        if cell.number is not None
        for line in sorted(set(_lines(cell.source)))
    ]


def _lines(source: str) -> Iterator[int]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # magics, say
        return
    for node in ast.walk(tree):
        match node:
            case ast.Set() | ast.SetComp():
                yield node.lineno
            case ast.Call(func=ast.Name(id=name)) if name in _MAKERS:
                yield node.lineno
