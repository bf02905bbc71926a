"""Finding the calls of assetbook in a notebook, through every alias of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assetbook.contract.imports import PACKAGE, Imports
from assetbook.contract.model import Place
from assetbook.contract.problems import Problems
from assetbook.contract.scopes import Scopes
from assetbook.contract.source import CellCode

# The functions that are read without running the notebook, and their positional arguments.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "asset": (),
    "load": ("name",),
    "path": ("name",),
    "sql": ("query",),
    "save": ("name", "data"),
    "save_model": ("name", "model"),
    "check": ("name", "passed"),
    "metric": ("name", "value"),
}
# How each of them is called, for messages. Metrics are missing: nothing has to be known of them before a run.
EXAMPLES = {
    "asset": 'ab.asset(group="features")',
    "load": 'ab.load("flights")',
    "path": 'ab.path("handbook")',
    "sql": 'ab.sql("from flights")',
    "save": 'ab.save("flights", …)',
    "save_model": 'ab.save_model("delay_model", …)',
    "check": 'ab.check("not_empty", len(table) > 0)',
}


@dataclass(frozen=True)
class Call:
    """A call of one of assetbook's functions."""

    function: str
    node: ast.Call
    place: Place

    def argument(self, name: str) -> ast.expr | None:
        """Return the expression passed for an argument, None where there is none."""
        for keyword in self.node.keywords:
            if keyword.arg == name:
                return keyword.value
        positions = FUNCTIONS[self.function]
        if name in positions and len(self.node.args) > positions.index(name):
            before = self.node.args[: positions.index(name) + 1]
            return None if any(isinstance(item, ast.Starred) for item in before) else before[-1]
        return None


def find_calls(
    cells: Sequence[CellCode], *, imports: Imports, scopes: Scopes, problems: Problems
) -> tuple[Call, ...]:
    """Return the calls of assetbook's functions, in the order of the notebook.

    A function that is handed on instead, as in ``map(ab.load, names)``, is a problem: what it is called with
    cannot be read.
    """
    calls: list[Call] = []
    for function, node, place in sorted(_uses(cells, imports), key=lambda use: scopes.start(use[1])):
        parent = scopes.parent(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            calls.append(Call(function, parent, place))
        elif function in EXAMPLES and not imports.is_alias(node) and not _is_only_shown(parent):
            problems.add(
                f"ab.{function} is handed on here, and what it is then called with cannot be read. Call it, with "
                f"literal names; where a function is wanted, write lambda: {EXAMPLES[function]}.",
                place=place,
            )
    return tuple(calls)


def _uses(cells: Sequence[CellCode], imports: Imports) -> Iterator[tuple[str, ast.expr, Place]]:
    """Give the expressions that stand for one of the functions."""
    for cell in cells:
        for node in cell.nodes:
            if isinstance(node, ast.Name | ast.Attribute | ast.NamedExpr) and not _is_target(node):
                package, _, function = (imports.origin(node) or "").partition(".")
                if package == PACKAGE and function in FUNCTIONS:
                    yield function, node, cell.place(node)


def _is_target(node: ast.Name | ast.Attribute | ast.NamedExpr) -> bool:
    return not isinstance(node, ast.NamedExpr) and not isinstance(node.ctx, ast.Load)


def _is_only_shown(parent: ast.AST | None) -> bool:
    """Whether an expression around a function does no more than show it."""
    asks = isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "help"
    return asks or isinstance(parent, ast.Expr | ast.Attribute)
