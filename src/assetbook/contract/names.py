"""What the names in a notebook stand for, as far as that is literal.

Asset names have to be known without running the notebook. Beside literals, these are: a name assigned once
to a literal, the variable of a loop over literals, and a function's parameter where every call passes them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from assetbook.contract.source import CellCode

HOLE = "assetbook_hole"  # stands in a text for the part of an f-string that only a run can tell

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_PASSING = frozenset({"sorted", "list", "tuple", "set", "reversed"})  # give the elements that they are given


class ComputedNameError(Exception):
    """A name that only a run can tell; the text says why."""


@dataclass(frozen=True)
class _Value:
    """A name is assigned an expression."""

    node: ast.expr


@dataclass(frozen=True)
class _Element:
    """A name goes over the elements of an expression; ``path`` leads into elements that are tuples."""

    loop: ast.AST
    iterable: ast.expr
    path: tuple[int, ...]


@dataclass(frozen=True)
class _Argument:
    """A name is a function's parameter."""

    function: _Function
    name: str


_Binding = _Value | _Element | _Argument | None  # None: bound in a way that tells nothing


class Names:
    """The names of one notebook.

    Args:
        cells: its code cells.
        parameters: names that a run may set, which are therefore not literal.
    """

    def __init__(self, cells: Sequence[CellCode], *, parameters: Iterable[str] = ()) -> None:
        self._parameters = frozenset(parameters)
        self._parents: dict[ast.AST, ast.AST] = {}
        self._bindings: dict[tuple[ast.AST | None, str], list[_Binding]] = defaultdict(list)
        self._calls: dict[str, list[ast.Call]] = defaultdict(list)
        self._uses: dict[str, int] = defaultdict(int)
        self._targets: dict[ast.Name, _Binding] = {}
        self._resolving: list[ast.expr] = []
        for cell in cells:
            for node in cell.nodes:  # parents first, so that a target is met after its statement
                self._parents.update(dict.fromkeys(ast.iter_child_nodes(node), node))
                self._note(node)

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
            bindings = self._find(node)
            if len(bindings) != 1 or not isinstance(bindings[0], _Value) or self.is_parameter(node):
                break
            node = bindings[0].node
        return node

    def is_parameter(self, node: ast.expr) -> bool:
        """Whether the expression is the name of a notebook parameter that nothing else assigns."""
        return isinstance(node, ast.Name) and node.id in self._parameters and len(self._find(node)) == 1

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
        bindings = self._find(node)
        if node.id in self._parameters and any(isinstance(binding, _Value) for binding in bindings):
            raise ComputedNameError(f"{node.id} is a parameter, which may change from run to run")
        match bindings:
            case []:
                raise ComputedNameError(f"{node.id} is not assigned in the notebook")
            case [_Value(node=value)]:
                yield from self.strings(value, holes=holes)
            case [_Argument() as argument]:
                for value in self._arguments(argument):
                    yield from self.strings(value, holes=holes)
            case _:
                for value in self._elements_of_loop(node, bindings):
                    yield from self.strings(value, holes=holes)

    def _elements_of_loop(self, node: ast.Name, bindings: list[_Binding]) -> Iterator[ast.expr]:
        """Give what the innermost loop around a name sets it to."""
        loops = {binding.loop: binding for binding in bindings if isinstance(binding, _Element)}
        if len(loops) < len(bindings):
            how = "more than once" if len(bindings) > 1 else "something else than a literal"
            raise ComputedNameError(f"{node.id} is assigned {how}")
        around = next((loops[parent] for parent in self._ancestors(node) if parent in loops), None)
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

    def _arguments(self, argument: _Argument) -> Iterator[ast.expr]:
        """Give what the calls of a function pass for one of its parameters."""
        function, name = argument.function, argument.name
        called = self._name_of(function)
        calls = self._calls.get(called, [])
        if not called or len(self._bindings[(None, called)]) != 1 or self._uses[called] != len(calls):
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

    def _name_of(self, function: _Function) -> str:
        """Return the notebook-wide name of a function, "" where it has none."""
        if not isinstance(function, ast.Lambda):
            return function.name if self._scope(function) is None else ""
        match self._parents[function]:
            case ast.Assign(targets=[ast.Name(id=name) as target]) if self._scope(target) is None:
                return name
        return ""

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
                self._loop(target, self._parents[node], iterable)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._define(node)
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str() as name):
                self._bindings[(self._scope(node), name)].append(None)
            case ast.alias():
                bound = node.asname or node.name.partition(".")[0]
                self._bindings[(self._scope(node), bound)].append(None)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                for name in names:
                    self._bindings[(None, name)].append(None)
            case ast.Call(func=ast.Name(id=name)):
                self._calls[name].append(node)
            case ast.Name(ctx=ast.Load(), id=name):
                self._uses[name] += 1
            case ast.Name(ctx=ast.Store()):
                self._bindings[(self._scope(node), node.id)].append(self._targets.get(node))

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._targets[target] = _Value(value)
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            for inner, item in zip(target.elts, value.elts, strict=False):
                self._assign(inner, item)

    def _loop(self, target: ast.expr, loop: ast.AST, iterable: ast.expr, path: tuple[int, ...] = ()) -> None:
        if isinstance(target, ast.Name):
            self._targets[target] = _Element(loop, iterable, path)
        elif isinstance(target, ast.Tuple | ast.List):
            for position, inner in enumerate(target.elts):
                self._loop(inner, loop, iterable, (*path, position))

    def _define(self, function: _Function) -> None:
        if not isinstance(function, ast.Lambda):
            self._bindings[(self._scope(function), function.name)].append(None)
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
            self._bindings[(function, argument.arg)].append(_Argument(function, argument.arg))
        for rest in (function.args.vararg, function.args.kwarg):
            if rest:
                self._bindings[(function, rest.arg)].append(None)

    def _find(self, node: ast.Name) -> list[_Binding]:
        """Return the bindings of a name in the innermost scope that has any."""
        for parent in self._ancestors(node):
            if isinstance(parent, _SCOPES) and (parent, node.id) in self._bindings:
                return self._bindings[(parent, node.id)]
        return self._bindings.get((None, node.id), [])

    def _scope(self, node: ast.AST) -> ast.AST | None:
        return next((parent for parent in self._ancestors(node) if isinstance(parent, _SCOPES)), None)

    def _ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self._parents:
            node = self._parents[node]
            yield node


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
