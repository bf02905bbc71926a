"""What the code of a notebook does to names, in the order in which a run from top to bottom does it.

Functions are the exception: their bodies run when they are called. So a function keeps what it needs of the
notebook's names as `Body`, and the events say where it is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from assetbook.checking.bound import bound_names, declared_names
from assetbook.checking.event_scopes import Body, Event, Frame, ScopeReader

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_MADE_BY = frozenset({"__init__", "__new__", "__post_init__"})  # the methods that making an object calls
_CATCHES_NAMES = frozenset({"NameError", "Exception", "BaseException", "UnboundLocalError"})
_OTHER_PYTHONS = frozenset({"version_info", "PY2", "PY3", "TYPE_CHECKING"})
_GUARDS = frozenset({"globals", "locals", "dir", "vars"})


class EventReader(ScopeReader):
    """Reads the events of one cell after another."""

    def __init__(self) -> None:
        super().__init__()
        self._bodies: list[Body] | None = None
        self._annotations = True  # whether they are evaluated, which a future import of any cell ends

    def read(self, tree: ast.Module) -> list[Event]:
        """Return the events of a cell."""
        self.events = []
        for statement in tree.body:
            self._visit(statement)
        return self.events

    # ---- statements and expressions

    def _visit(self, node: ast.AST | None) -> None:
        if node is None:
            return
        method = getattr(self, f"_visit_{type(node).__name__}", None)
        if method is not None:
            method(node)
        else:
            self._visit_all(ast.iter_child_nodes(node))

    def _visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            self._visit(node)

    def _visit_Name(self, node: ast.Name) -> None:  # noqa: N802 - the type's name, as in ast.NodeVisitor
        if isinstance(node.ctx, ast.Load):
            self._use(node)
        elif isinstance(node.ctx, ast.Store):
            self._define(node.id, node, tuple(self._bodies or ()))
        elif self._frame.kind == "notebook":
            self._emit("delete", node.id, node)

    def _visit_Assign(self, node: ast.Assign) -> None:  # noqa: N802
        self._visit(node.value)
        with self._making(node.value):
            self._visit_all(node.targets)

    def _visit_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        if self._frame.kind != "function" and self._annotations:
            self._visit(node.annotation)
        self._visit(node.value)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self._visit(node.target)

    def _visit_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802
        self._visit(node.value)
        if isinstance(node.target, ast.Name):
            self._use(node.target)
            self._define(
                node.target.id, node
            )  # by the statement: it needs the name, and so is no first definition
        else:
            self._visit(node.target)

    def _visit_NamedExpr(self, node: ast.NamedExpr) -> None:  # noqa: N802
        self._visit(node.value)
        self._define(node.target.id, node)

    def _visit_For(self, node: ast.For | ast.AsyncFor) -> None:  # noqa: N802
        self._visit(node.iter)
        self._visit(node.target)
        self._loop(node, [*node.body, *node.orelse])

    _visit_AsyncFor = _visit_For  # noqa: N815

    def _visit_While(self, node: ast.While) -> None:  # noqa: N802
        self._loop(node, [node.test, *node.body, *node.orelse])

    def _loop(self, node: ast.AST, parts: Iterable[ast.AST]) -> None:
        """Read a loop: what one round defines, the next one has, so that order inside tells nothing."""
        parts = list(parts)
        with self._branch():
            for name in bound_names(parts):
                self._define(name, node)
            self._visit_all(parts)

    def _visit_If(self, node: ast.If) -> None:  # noqa: N802
        self._visit(node.test)
        with self._branch(doubt=True), self._guard(_mentions(node.test, _OTHER_PYTHONS)):
            self._visit_all([*node.body, *node.orelse])

    def _visit_IfExp(self, node: ast.IfExp) -> None:  # noqa: N802
        self._visit(node.test)
        with self._branch(doubt=True):
            self._visit_all([node.body, node.orelse])

    def _visit_Match(self, node: ast.Match) -> None:  # noqa: N802
        self._visit(node.subject)
        with self._branch(doubt=True):
            self._visit_all(node.cases)

    def _visit_MatchAs(self, node: ast.MatchAs) -> None:  # noqa: N802
        self._visit(node.pattern)
        if node.name:
            self._define(node.name, node)

    def _visit_MatchStar(self, node: ast.MatchStar) -> None:  # noqa: N802
        if node.name:
            self._define(node.name, node)

    def _visit_MatchMapping(self, node: ast.MatchMapping) -> None:  # noqa: N802
        self._visit_all([*node.keys, *node.patterns])
        if node.rest:
            self._define(node.rest, node)

    def _visit_Try(self, node: ast.Try) -> None:  # noqa: N802
        with self._branch():
            with self._guard(any(map(_catches_names, node.handlers))):
                self._visit_all(node.body)
            with self._branch(doubt=True):
                self._visit_all([*node.handlers, *node.orelse])
        self._visit_all(node.finalbody)

    _visit_TryStar = _visit_Try  # noqa: N815

    def _visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:  # noqa: N802
        self._visit(node.type)
        if node.name:
            self._define(node.name, node)
        self._visit_all(node.body)

    def _visit_With(self, node: ast.With | ast.AsyncWith) -> None:  # noqa: N802
        self._visit_all(node.items)
        called = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
        guards = any(_mentions(call.func, {"suppress", "raises"}) for call in called)
        with self._guard(guards):
            self._visit_all(node.body)

    _visit_AsyncWith = _visit_With  # noqa: N815

    def _visit_Import(self, node: ast.Import) -> None:  # noqa: N802
        for alias in node.names:
            self._define(alias.asname or alias.name.partition(".")[0], alias)

    def _visit_ImportFrom(self, node: ast.ImportFrom) -> None:  # noqa: N802
        for alias in node.names:
            if (node.module, alias.name) == ("__future__", "annotations"):
                self._annotations = False
            elif alias.name == "*":
                self._emit("star", "." * node.level + (node.module or ""), node)
            else:
                self._define(alias.asname or alias.name, alias)

    def _visit_Call(self, node: ast.Call) -> None:  # noqa: N802
        if _is_ipython(node.func):
            self._emit("command", "", node)
            return
        self._visit_all(ast.iter_child_nodes(node))
        self._called(node.func, [*node.args, *(keyword.value for keyword in node.keywords)])
        if _defines_anything(node):
            self._emit("anything", "", node)

    def _visit_Subscript(self, node: ast.Subscript) -> None:  # noqa: N802
        self._visit_all(ast.iter_child_nodes(node))
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Call) and _is_guard(node.value):
            self._emit("anything", "", node)

    def _visit_Compare(self, node: ast.Compare) -> None:  # noqa: N802
        self._visit_all(ast.iter_child_nodes(node))
        match node:
            case ast.Compare(left=ast.Constant(value=str() as name), comparators=[ast.Call() as asked]) if (
                _is_guard(asked)
            ):
                self._define(name, node)  # the author knows that it may not be there

    # ---- scopes of their own

    def _visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:  # noqa: N802
        self._visit_all(node.decorator_list)
        for decorator in node.decorator_list:
            self._called(decorator, ())
        self._signature(node)
        body = self._body(node, node.body)
        if self._frame.kind == "class":
            if self._bodies is not None and node.name in _MADE_BY:
                self._bodies.append(body)
            self._frame.names.add(node.name)
        else:
            self._define(node.name, node, (body,))

    _visit_AsyncFunctionDef = _visit_FunctionDef  # noqa: N815

    def _visit_Lambda(self, node: ast.Lambda) -> None:  # noqa: N802
        self._signature(node)
        self._body(node, [node.body])

    def _signature(self, node: Function) -> None:
        arguments = node.args
        self._visit_all([*arguments.defaults, *arguments.kw_defaults])
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [rest for rest in (arguments.vararg, arguments.kwarg) if rest]
        if self._annotations:
            self._visit_all(argument.annotation for argument in every)
            self._visit(getattr(node, "returns", None))

    def _body(self, node: Function, statements: list[ast.stmt] | list[ast.expr]) -> Body:
        """Read a function's body; what it needs goes to the function around it, or is kept."""
        body = Body()
        arguments = node.args
        names = {item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
        names |= {rest.arg for rest in (arguments.vararg, arguments.kwarg) if rest}
        names |= {parameter.name for parameter in getattr(node, "type_params", [])} | {"__class__"}
        outside = declared_names(statements)
        names |= set(bound_names(statements)) - outside
        body.defines += sorted(outside & set(bound_names(statements)))
        with self._inside(
            Frame("function", names, self._frame, body), inner=not isinstance(node, ast.Lambda)
        ):
            self._visit_all(statements)
        self._emit_body(body, node)
        return body

    def _emit_body(self, body: Body, node: ast.AST) -> None:
        if self._outermost():
            self.events.append(Event("define", "", node, (body,)))

    def _visit_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        names = {"__qualname__", "__module__"} | {p.name for p in getattr(node, "type_params", [])}
        before, self._bodies = self._bodies, []
        with self._inside(Frame("class", names, self._frame)):
            self._visit_all(node.body)
        bodies, self._bodies = self._bodies, before
        self._define(node.name, node, tuple(bodies or ()))

    def _comprehension(self, node: ast.AST) -> None:
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        self._visit(generators[0].iter)
        with self._inside(Frame("comprehension", set(), self._frame)):
            for position, generator in enumerate(generators):
                if position:
                    self._visit(generator.iter)
                self._visit(generator.target)
                self._visit_all(generator.ifs)
            results = [getattr(node, name, None) for name in ("key", "value", "elt")]
            self._visit_all(results)

    _visit_ListComp = _visit_SetComp = _visit_DictComp = _visit_GeneratorExp = _comprehension  # noqa: N815

    @contextmanager
    def _making(self, value: ast.expr) -> Iterator[None]:
        """Say what an assignment makes: a lambda is called by the name that it is given."""
        made = isinstance(value, ast.Lambda) and self.events and self.events[-1].node is value
        before = self._bodies
        if self._frame.kind == "notebook":
            self._bodies = list(self.events[-1].bodies) if made else None
        try:
            yield
        finally:
            self._bodies = before


def _catches_names(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or _mentions(handler.type, _CATCHES_NAMES)


def _mentions(node: ast.AST, names: Iterable[str]) -> bool:
    wanted = set(names)
    return any(
        (isinstance(inner, ast.Name) and inner.id in wanted)
        or (isinstance(inner, ast.Attribute) and inner.attr in wanted)
        for inner in ast.walk(node)
    )


def _is_guard(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in _GUARDS


def _defines_anything(call: ast.Call) -> bool:
    """Whether a call may define names that only a run can tell: ``exec``, ``globals().update``."""
    match call.func:
        case ast.Name(id="exec" | "execfile" | "run_line_magic"):
            return True
        case ast.Attribute(value=ast.Call() as owner, attr="update" | "setdefault" | "__setitem__"):
            return _is_guard(owner)
    return False


def _is_ipython(function: ast.expr) -> bool:
    """Whether a function is a method of IPython's shell: a magic or a command, mostly."""
    match function:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython"))):
            return True
    return False
