"""What the names in a notebook stand for, as far as that is literal.

Asset names have to be known without running the notebook. Beside literals, these are: a name assigned once
to a literal, or several times, but each time by a statement of a cell itself; the variable of a loop over
literals; and a function's parameter where every call passes them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from assetbook.contract.bindings import Argument, Binding, Bindings, Element, Function, Value
from assetbook.contract.scopes import Scopes
from assetbook.contract.source import CellCode

HOLE = "assetbook_hole"  # stands in a text for the part of an f-string that only a run can tell

_PASSING = frozenset({"sorted", "list", "tuple", "set", "reversed"})  # give the elements that they are given


class ComputedNameError(Exception):
    """A name that only a run can tell; the text says why."""


class Names:
    """The names of one notebook.

    Args:
        cells: its code cells.
        scopes: of these cells.
        parameters: names that a run may set, which are therefore not literal.
    """

    def __init__(self, cells: Sequence[CellCode], *, scopes: Scopes, parameters: Iterable[str] = ()) -> None:
        self._scopes = scopes
        self._parameters = frozenset(parameters)
        self._bindings = Bindings(cells, scopes=scopes)
        self._resolving: list[ast.expr] = []

    def strings(self, node: ast.expr, *, holes: bool = False) -> tuple[str, ...]:
        """Return the texts that an expression can stand for.

        Args:
            node: the expression.
            holes: whether f-strings are allowed, `HOLE` standing for what only a run can tell.

        Raises:
            ComputedNameError: the expression has to be run.
        """
        if node in self._resolving:
            raise ComputedNameError(f"{ast.unparse(node)} is made from itself")
        self._resolving.append(node)
        try:
            return tuple(dict.fromkeys(self._strings(node, holes=holes)))
        finally:
            self._resolving.pop()

    def definition(self, node: ast.expr) -> ast.expr:
        """Return the expression that a name assigned once stands for; any other expression as it is."""
        seen: set[ast.expr] = set()
        while isinstance(node, ast.Name) and node not in seen:
            seen.add(node)
            bindings = self._bindings.of(node)
            if len(bindings) != 1 or not isinstance(bindings[0], Value) or self.is_parameter(node):
                break
            node = bindings[0].node
        return node

    def is_parameter(self, node: ast.expr) -> bool:
        """Whether the expression is the name of a notebook parameter that nothing else assigns."""
        return (
            isinstance(node, ast.Name) and node.id in self._parameters and len(self._bindings.all(node)) == 1
        )

    def _strings(self, node: ast.expr, *, holes: bool) -> Iterator[str]:
        match node:
            case ast.Constant(value=str() as text):
                yield text
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.strings(body, holes=holes)
                yield from self.strings(orelse, holes=holes)
            case ast.Name():
                yield from self._of_name(node, holes=holes)
            case ast.JoinedStr(values=parts) if holes:
                yield from map("".join, product(*(self._part(part) for part in parts)))
            case ast.BinOp(op=ast.Add(), left=left, right=right) if holes:
                yield from map("".join, product(self.strings(left, holes=True), self._part(right)))
            case _:
                raise ComputedNameError(f"{ast.unparse(node)} has to be computed")

    def _part(self, node: ast.expr) -> tuple[str, ...]:
        plain = isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None
        try:
            return self.strings(
                node.value if plain and isinstance(node, ast.FormattedValue) else node, holes=True
            )
        except ComputedNameError:
            return (HOLE,)

    def _of_name(self, node: ast.Name, *, holes: bool) -> Iterator[str]:
        bindings = self._bindings.of(node)
        if node.id in self._parameters and any(isinstance(binding, Value) for binding in bindings):
            raise ComputedNameError(f"{node.id} is a parameter, which may change from run to run")
        match bindings:
            case []:
                raise ComputedNameError(f"{node.id} is not assigned in the notebook")
            case [Value(node=value)]:
                yield from self.strings(value, holes=holes)
            case [Argument() as argument]:
                for value in self._arguments(argument):
                    yield from self.strings(value, holes=holes)
            case _:
                for value in self._elements_of_loop(node, bindings):
                    yield from self.strings(value, holes=holes)

    def _elements_of_loop(self, node: ast.Name, bindings: list[Binding]) -> Iterator[ast.expr]:
        """Give what the innermost loop around a name sets it to."""
        loops = {binding.loop: binding for binding in bindings if isinstance(binding, Element)}
        if len(loops) < len(bindings):
            how = "more than once" if len(bindings) > 1 else "something else than a literal"
            raise ComputedNameError(f"{node.id} is assigned {how}")
        around = next((loops[parent] for parent in self._scopes.ancestors(node) if parent in loops), None)
        if around is None:
            raise ComputedNameError(f"{node.id} is what a loop leaves behind")
        for element in self._elements(around.iterable):
            for position in around.path:
                if not isinstance(element, ast.Tuple | ast.List) or position >= len(element.elts):
                    raise ComputedNameError(f"{ast.unparse(around.iterable)} is not a literal")
                element = element.elts[position]
            yield element

    def _elements(self, node: ast.expr) -> list[ast.expr]:
        """Return the elements of an iterable that is written out."""
        if isinstance(node, ast.Name) and node.id in self._parameters:
            raise ComputedNameError(f"{node.id} is a parameter, which may change from run to run")
        match self.definition(node):
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return items
            case ast.Dict(keys=keys):
                return [key for key in keys if key is not None]
            case ast.Call(func=ast.Attribute(value=owner, attr="keys" | "values" | "items" as view), args=[]):
                return self._view(owner, view)
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
                return [_pair(ast.Constant(None), element) for element in self._elements(inner)]
            case ast.Call(func=ast.Name(id="zip"), args=iterables):
                columns = [self._elements(iterable) for iterable in iterables]
                return [_pair(*row) for row in zip(*columns, strict=False)]
            case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _PASSING:
                return self._elements(inner)
        raise ComputedNameError(f"{ast.unparse(node)} is not a literal")

    def _view(self, owner: ast.expr, view: str) -> list[ast.expr]:
        mapping = self.definition(owner)
        if not isinstance(mapping, ast.Dict):
            raise ComputedNameError(f"{ast.unparse(owner)} is not a literal")
        pairs = [(key, value) for key, value in zip(mapping.keys, mapping.values, strict=True) if key]
        if view == "items":
            return [_pair(key, value) for key, value in pairs]
        return [key if view == "keys" else value for key, value in pairs]

    def _arguments(self, argument: Argument) -> Iterator[ast.expr]:
        """Give what the calls of a function pass for one of its parameters."""
        function, name = argument.function, argument.name
        called = self._name_of(function)
        calls = self._bindings.calls.get(called, [])
        if (
            not called
            or len(self._bindings.of_notebook(called)) != 1
            or self._bindings.uses[called] != len(calls)
        ):
            raise ComputedNameError(
                f"{name} is a parameter of a function that is not only called by its name"
            )
        positional = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
        for call in calls:
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            if None in named or any(isinstance(item, ast.Starred) for item in call.args):
                raise ComputedNameError(f"{name} is passed on by {ast.unparse(call)}")
            passed = named | dict(zip(positional, call.args, strict=False))
            value = passed.get(name) or _default(function.args, name)
            if value is None:
                raise ComputedNameError(f"{ast.unparse(call)} does not pass {name}")
            yield value

    def _name_of(self, function: Function) -> str:
        """Return the notebook-wide name of a function, "" where it has none."""
        if not isinstance(function, ast.Lambda):
            return function.name if self._scopes.scope(function) is None else ""
        match self._scopes.parent(function):
            case ast.Assign(targets=[ast.Name(id=name) as target]) if self._scopes.scope(target) is None:
                return name
        return ""


def _pair(*items: ast.expr) -> ast.expr:
    return ast.Tuple(elts=list(items), ctx=ast.Load())


def _default(arguments: ast.arguments, name: str) -> ast.expr | None:
    """Return the default of a function's parameter."""
    positional = [arg.arg for arg in (*arguments.posonlyargs, *arguments.args)]
    defaults: dict[str, ast.expr | None] = dict(
        zip(reversed(positional), reversed(arguments.defaults), strict=False)
    )
    defaults |= {
        arg.arg: value for arg, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    }
    return defaults.get(name)
