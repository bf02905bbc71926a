"""Finding the calls of assetbook in a notebook, through every alias of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assetbook.contract.model import Place
from assetbook.contract.source import CellCode

PACKAGE = "assetbook"
# The functions that are read without running the notebook, and their positional arguments.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "asset": (),
    "load": ("name",),
    "sql": ("query",),
    "save": ("name", "data"),
    "save_model": ("name", "model"),
    "check": ("name", "passed"),
    "metric": ("name", "value"),
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


class Imports:
    """What the imported names of a notebook are: ``l`` is ``assetbook.load`` after the import as ``l``."""

    def __init__(self, cells: Sequence[CellCode]) -> None:
        self._origins: dict[str, str] = {}
        assigned: list[tuple[str, ast.expr]] = []
        for cell in cells:
            for node in cell.nodes:
                if isinstance(node, ast.Import | ast.ImportFrom):
                    self._origins.update(_imported(node))
                else:
                    assigned += _assigned(node)
        while new := {name: origin for name, value in assigned if (origin := self._unknown(name, value))}:
            self._origins.update(new)

    def origin(self, node: ast.AST) -> str | None:
        """Return the dotted name of an imported object, such as ``assets.flights.FlightFeatures``."""
        match node:
            case ast.Name(id=name):
                return self._origins.get(name)
            case ast.Attribute(value=owner, attr=attribute):
                origin = self.origin(owner)
                return f"{origin}.{attribute}" if origin else None
        return None

    def _unknown(self, name: str, value: ast.expr) -> str | None:
        """Return what an assignment makes a new name of; only of assetbook and its functions."""
        origin = self.origin(value)
        ours = origin is not None and origin.partition(".")[0] == PACKAGE
        return origin if ours and name not in self._origins else None


def find_calls(cells: Sequence[CellCode], *, imports: Imports) -> tuple[Call, ...]:
    """Return the calls of assetbook's functions, in the order of the notebook."""
    calls: list[tuple[int, int, int, Call]] = []
    for cell in cells:
        for node in cell.nodes:
            origin = imports.origin(node.func) if isinstance(node, ast.Call) else None
            package, _, function = (origin or "").partition(".")
            if isinstance(node, ast.Call) and package == PACKAGE and function in FUNCTIONS:
                call = Call(function, node, cell.place(node))
                calls.append((cell.number, node.lineno, node.col_offset, call))
    return tuple(call for *_, call in sorted(calls, key=lambda found: found[:3]))


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif alias.name == "*":
            if node.module == PACKAGE:
                yield from ((function, f"{PACKAGE}.{function}") for function in FUNCTIONS)
        elif node.module and not node.level:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            for target in targets:
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    pairs = zip(target.elts, value.elts, strict=False)
                    yield from ((inner.id, item) for inner, item in pairs if isinstance(inner, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value
