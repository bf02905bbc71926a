"""Where the nodes of a notebook's code stand: in which scope, in which order, and whether they run at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from assetbook.contract.source import CellCode

FUNCTION_NODES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*FUNCTION_NODES, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Match, ast.IfExp, ast.BoolOp)

Position = tuple[int, int, int]
"""Cell, line and column: what orders the nodes of a notebook."""


class Scopes:
    """The code cells of one notebook, as one text that runs from top to bottom."""

    def __init__(self, cells: Sequence[CellCode]) -> None:
        self._parents: dict[ast.AST, ast.AST] = {}
        self._cells: dict[ast.AST, int] = {cell.tree: cell.number for cell in cells}
        for cell in cells:
            for node in cell.nodes:
                self._parents.update(dict.fromkeys(ast.iter_child_nodes(node), node))

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node around a node; None of a cell's tree, and of a node that is in no cell."""
        return self._parents.get(node)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Give the nodes around a node, the innermost first; the last is the tree of the cell."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def scope(self, node: ast.AST) -> ast.AST | None:
        """Return the function, class or comprehension around a node; None for the notebook itself."""
        return next((parent for parent in self.ancestors(node) if isinstance(parent, _SCOPES)), None)

    def visible(self, node: ast.AST) -> Iterator[ast.AST | None]:
        """Give the scopes that a name at this node is looked up in, the innermost first."""
        inside = False
        for parent in self.ancestors(node):
            if isinstance(parent, _SCOPES) and not (inside and isinstance(parent, ast.ClassDef)):
                yield parent
                inside = inside or isinstance(parent, FUNCTION_NODES)
        yield None

    def start(self, node: ast.AST) -> Position:
        """Return where a node begins."""
        return (self._cell(node), getattr(node, "lineno", 0), getattr(node, "col_offset", 0))

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """Return the statement of a cell itself, not of another statement's body, that a node belongs to."""
        inner: ast.AST = node
        for parent in self.ancestors(node):
            if isinstance(parent, ast.Module):
                return inner if isinstance(inner, ast.stmt) else None
            inner = parent
        return None

    def always(self, node: ast.AST) -> bool:
        """Whether a node runs whenever its scope does: in no branch, no loop, and no ``except``."""
        inner = node
        for parent in self.ancestors(node):
            if isinstance(parent, _SCOPES):
                break
            if isinstance(parent, ast.Try | ast.TryStar):
                if inner not in (*parent.body, *parent.finalbody):
                    return False
            elif isinstance(parent, _BRANCHES) and not (
                isinstance(parent, ast.stmt) and isinstance(inner, ast.expr)  # a loop's variable, a condition
            ):
                return False
            inner = parent
        return True

    def deferred(self, node: ast.AST) -> bool:
        """Whether a node runs later than the statement that it stands in: in a function or a generator."""
        return any(isinstance(parent, (*FUNCTION_NODES, ast.GeneratorExp)) for parent in self.ancestors(node))

    def _cell(self, node: ast.AST) -> int:
        while (parent := self._parents.get(node)) is not None:
            node = parent
        return self._cells.get(node, 0)
