"""What binds the names of a notebook: assignments, loops, definitions, imports."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assetbook.contract.scopes import Scopes
from assetbook.contract.source import CellCode

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Binding:
    """A name is bound by a node, in a way that tells nothing of what it is then."""

    by: ast.AST


@dataclass(frozen=True)
class Value(Binding):
    """A name is assigned an expression."""

    node: ast.expr


@dataclass(frozen=True)
class Element(Binding):
    """A name goes over the elements of an expression; ``path`` leads into elements that are tuples."""

    loop: ast.AST
    iterable: ast.expr
    path: tuple[int, ...]


@dataclass(frozen=True)
class Argument(Binding):
    """A name is a function's parameter."""

    function: Function
    name: str


class Bindings:
    """The bindings of all names of one notebook.

    Args:
        cells: its code cells.
        scopes: of these cells.

    Attributes:
        calls: name to the calls of what is called by this name.
        uses: name to how often it is read.
    """

    def __init__(self, cells: Sequence[CellCode], *, scopes: Scopes) -> None:
        self.calls: dict[str, list[ast.Call]] = defaultdict(list)
        self.uses: dict[str, int] = defaultdict(int)
        self._scopes = scopes
        self._bindings: dict[tuple[ast.AST | None, str], list[Binding]] = defaultdict(list)
        self._targets: dict[ast.AST, Binding] = {}
        for cell in cells:
            for node in cell.nodes:  # parents first, so that a target is met after its statement
                self._note(node)

    def all(self, node: ast.Name) -> list[Binding]:
        """Return the bindings of a name in the innermost scope that has any."""
        for scope in self._scopes.visible(node):
            if (scope, node.id) in self._bindings:
                return self._bindings[scope, node.id]
        return []

    def of(self, node: ast.Name) -> list[Binding]:
        """Return the bindings that a name may have where it stands: one, if that can be told."""
        bindings = self.all(node)
        latest = self._latest(node, bindings) if len(bindings) > 1 else None
        return [latest] if latest else bindings

    def of_notebook(self, name: str) -> list[Binding]:
        """Return the bindings of a name outside of functions."""
        return self._bindings.get((None, name), [])

    def _latest(self, node: ast.Name, bindings: Sequence[Binding]) -> Value | None:
        """Return the last assignment before a node, if nothing else can have come in between.

        The cells run once, from top to bottom: of assignments that are statements of a cell themselves the last
        one counts. What a branch, a loop or a function assigns only a run can tell.
        """
        here = self._scopes.statement(node)
        if here is None or self._scopes.deferred(node):
            return None
        before: list[tuple[ast.stmt, Binding]] = []
        for binding in bindings:
            statement = self._scopes.statement(binding.by)
            if statement is None or isinstance(binding.by, ast.Global | ast.Nonlocal):
                return None
            if statement is here and not _assigns(statement, binding):
                return None
            if self._scopes.start(statement) < self._scopes.start(here):
                before.append((statement, binding))
        last = max((statement for statement, _ in before), key=self._scopes.start, default=None)
        found = [binding for statement, binding in before if statement is last]
        plain = last is not None and len(found) == 1 and _assigns(last, found[0])
        return found[0] if plain and isinstance(found[0], Value) else None

    def _note(self, node: ast.AST) -> None:
        """Note what a node binds or calls."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
            ):
                self._assign(target, value)
            case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
                self._loop(target, node, iterable)
            case ast.comprehension(target=target, iter=iterable):
                self._loop(target, self._scopes.parent(node) or node, iterable)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._define(node)
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str() as name):
                self._bind(name, Binding(node))
            case ast.alias():
                self._bind(node.asname or node.name.partition(".")[0], Binding(node))
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                for name in names:
                    self._bindings[None, name].append(Binding(node))
            case ast.Call(func=ast.Name(id=name)):
                self.calls[name].append(node)
            case ast.Name(ctx=ast.Load(), id=name):
                self.uses[name] += 1
            case ast.Name(ctx=ast.Store(), id=name):
                self._bind(name, self._targets.get(node) or Binding(node))

    def _bind(self, name: str, binding: Binding) -> None:
        self._bindings[self._scopes.scope(binding.by), name].append(binding)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._targets[target] = Value(target, value)
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            for inner, item in zip(target.elts, value.elts, strict=False):
                self._assign(inner, item)

    def _loop(self, target: ast.expr, loop: ast.AST, iterable: ast.expr, path: tuple[int, ...] = ()) -> None:
        if isinstance(target, ast.Name):
            self._targets[target] = Element(target, loop, iterable, path)
        elif isinstance(target, ast.Tuple | ast.List):
            for position, inner in enumerate(target.elts):
                self._loop(inner, loop, iterable, (*path, position))

    def _define(self, function: Function) -> None:
        if not isinstance(function, ast.Lambda):
            self._bind(function.name, Binding(function))
        arguments = function.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            self._bindings[function, argument.arg].append(Argument(argument, function, argument.arg))
        for rest in (arguments.vararg, arguments.kwarg):
            if rest:
                self._bindings[function, rest.arg].append(Binding(rest))


def _assigns(statement: ast.stmt, binding: Binding) -> bool:
    """Whether a binding is a target of an assignment, not of something inside what is assigned."""
    return any(binding.by in ast.walk(target) for target in _targets_of(statement))


def _targets_of(statement: ast.stmt) -> Iterator[ast.expr]:
    match statement:
        case ast.Assign(targets=targets):
            yield from targets
        case ast.AnnAssign(target=target):
            yield target
