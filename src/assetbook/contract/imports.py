"""What the imported names of a notebook are: ``l`` is ``assetbook.load`` after the import as ``l``."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assetbook.contract.scopes import FUNCTION_NODES, Position, Scopes
from assetbook.contract.source import CellCode

PACKAGE = "assetbook"


@dataclass(frozen=True)
class _Binding:
    """What a name is from a position on.

    Attributes:
        start: the position.
        value: the dotted name of what is imported, the expression that the name stands for, or None for
            anything else.
        certain: whether it replaces what the name was before, whatever happens in a run.
    """

    start: Position
    value: str | ast.expr | None
    certain: bool


class Imports:
    """The imports of a notebook, and its own names for assetbook and its functions.

    A name is what the import or assignment before it makes of it: ``from joblib import load`` takes the name
    from an earlier ``from assetbook import load``, and the parameter of a function is neither.

    Args:
        cells: its code cells.
        scopes: of these cells.
        star: the names that ``from assetbook import *`` gives.
    """

    def __init__(self, cells: Sequence[CellCode], *, scopes: Scopes, star: Sequence[str]) -> None:
        self._scopes = scopes
        self._star = star
        self._bindings: dict[tuple[ast.AST | None, str], list[_Binding]] = defaultdict(list)
        self._aliased: dict[ast.Name, ast.expr] = {}  # target to the expression that it then stands for
        self._resolving: set[ast.AST] = set()
        nodes = [node for cell in cells for node in cell.nodes]
        self._global = {
            (scopes.scope(node), name)
            for node in nodes
            if isinstance(node, ast.Global)
            for name in node.names
        }
        for node in nodes:
            self._note(node)
        self._standing = {name for _, name in self._bindings} | {target.id for target in self._aliased}
        for node in nodes:
            self._note_local(node)
        self._aliases = set(self._aliased.values())
        for found in self._bindings.values():
            found.sort(key=lambda binding: binding.start)

    def origin(self, node: ast.AST) -> str | None:
        """Return the dotted name of an imported object, such as ``assets.flights.FlightFeatures``."""
        match node:
            case ast.Name(id=name):
                return self._origin_of_name(node) if name in self._standing else None
            case ast.Attribute(value=owner, attr=attribute):
                origin = self.origin(owner)
                return f"{origin}.{attribute}" if origin else None
            case ast.NamedExpr(value=value):
                return self.origin(value)
        return None

    def is_alias(self, node: ast.AST) -> bool:
        """Whether a name is assigned this expression, and is then known to stand for it."""
        return node in self._aliases

    def _origin_of_name(self, node: ast.Name) -> str | None:
        if node in self._resolving:
            return None
        self._resolving.add(node)
        try:
            origins = [origin for binding in self._latest(node) if (origin := self._of_binding(binding))]
        finally:
            self._resolving.remove(node)
        return next(filter(_ours, origins), origins[0] if origins else None)

    def _latest(self, node: ast.Name) -> Iterator[_Binding]:
        """Give what a name may be where it stands: the last certain binding before it, and those since."""
        scopes = self._scopes.visible(node)
        found = next(
            (self._bindings[key] for scope in scopes if (key := (scope, node.id)) in self._bindings), []
        )
        start = self._scopes.start(node)
        before = [binding for binding in found if binding.start <= start]
        for binding in reversed(before or found[:1]):  # a function may name what is imported after it
            yield binding
            if binding.certain:
                return

    def _of_binding(self, binding: _Binding) -> str | None:
        """Return the origin that a binding gives; that of an assignment only for what is assetbook's."""
        if not isinstance(binding.value, ast.expr):
            return binding.value
        origin = self.origin(binding.value)
        return origin if _ours(origin) else None

    def _note(self, node: ast.AST) -> None:
        """Note what a node imports, and which names it makes stand for others."""
        match node:
            case ast.Import() | ast.ImportFrom():
                for name, origin in self._imported(node):
                    self._bind(node, name, origin)
            case ast.Assign() | ast.AnnAssign() | ast.NamedExpr():
                self._aliased.update(_aliases(node))

    def _note_local(self, node: ast.AST) -> None:
        """Note where a node gives an imported name another meaning."""
        match node:
            case ast.Name(ctx=ast.Store(), id=name) if name in self._standing:
                self._bind(node, name, self._aliased.get(node))
            case ast.arg(arg=name) | ast.ExceptHandler(name=str() as name) if name in self._standing:
                self._bind(node, name, None)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) if (
                name in self._standing
            ):
                self._bind(node, name, None)

    def _bind(self, node: ast.AST, name: str, value: str | ast.expr | None) -> None:
        scope, certain = self._scopes.scope(node), self._scopes.always(node) and not self._keeps(node, name)
        if (scope, name) in self._global:
            scope, certain = None, False
        self._bindings[scope, name].append(_Binding(self._bound_at(node), value, certain))

    def _keeps(self, node: ast.AST, name: str) -> bool:
        """Whether a name may stay what it was: ``ab = importlib.reload(ab)``."""
        parent = self._scopes.parent(node)
        if not isinstance(parent, ast.Assign | ast.AnnAssign) or parent.value is None:
            return False
        return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(parent.value))

    def _bound_at(self, node: ast.AST) -> Position:
        """Return from where on a name is bound: from the end of an assignment, from the start of a definition."""
        if isinstance(node, (*FUNCTION_NODES, ast.ClassDef)):
            return self._scopes.start(node)
        parent = self._scopes.parent(node)
        while isinstance(parent, ast.Tuple | ast.List | ast.Starred):
            parent = self._scopes.parent(parent)
        whole = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)
        last = parent if isinstance(parent, whole) else node
        cell, line, column = self._scopes.start(last)
        return (
            cell,
            getattr(last, "end_lineno", None) or line,
            getattr(last, "end_col_offset", None) or column,
        )

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
        for alias in node.names:
            if isinstance(node, ast.Import):
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
            elif alias.name == "*":
                if node.module == PACKAGE:
                    yield from ((name, f"{PACKAGE}.{name}") for name in self._star)
            elif node.module and not node.level:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _ours(origin: str | None) -> bool:
    return origin is not None and origin.partition(".")[0] == PACKAGE


def _aliases(node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> Iterator[tuple[ast.Name, ast.expr]]:
    """Give the names that an assignment makes stand for other names, with what they then stand for."""
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        for one, value in _pairs(target, node.value):
            if isinstance(one, ast.Name) and isinstance(value, ast.Name | ast.Attribute | ast.NamedExpr):
                yield one, value


def _pairs(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value
