"""AB51: tables and values that change otherwise than it looks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from assetbook.checking.frames import Frames
from assetbook.checking.model import Finding
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject
from assetbook.contract.parameters_cell import TAG

_IN_PLACE = frozenset(
    {
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "update",
        "add",
        "discard",
        "setdefault",
        "sort",
        "reverse",
    }
)


_COLUMN_METHODS = frozenset(
    {
        "fillna",
        "replace",
        "clip",
        "where",
        "mask",
        "interpolate",
        "ffill",
        "bfill",
        "sort_values",
        "dropna",
        "rename",
        "drop",
        "update",
        "drop_duplicates",
        "mul",
        "add",
    }
)


class ChainedAssignment(Rule):
    """A value is assigned to a part of a part of a table.

    pandas may set it in a copy that nobody sees again: `table[rows]["column"] = 0` changes nothing. From pandas 3 on it
    never does.
    """

    code = "AB511"
    name = "chained-assignment"
    severity = "warning"
    example = 'import pandas as pd\ntable = pd.DataFrame({"a": [1, 2]})\ntable[table.a > 1]["a"] = 0'
    better = 'import pandas as pd\ntable = pd.DataFrame({"a": [1, 2]})\ntable.loc[table.a > 1, "a"] = 0'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for assignments to a part of a part, and for changes in place of a column."""
        frames = Frames(subject)
        for node in subject.nodes(ast.Assign, ast.AugAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Subscript) and frames.is_part(target.value):
                    yield self.at(
                        subject,
                        target,
                        f"The value may be set in a copy: {ast.unparse(target)} is a part of a part of a table.",
                        hint='Use one step: table.loc[rows, "column"] = …',
                    )
        for call in subject.calls:
            if not _in_place(call) or not isinstance(call.func, ast.Attribute):
                continue
            if frames.is_part(call.func.value) or _is_column(call.func.value):
                column = ast.unparse(call.func.value)
                yield self.at(
                    subject,
                    call,
                    f"{call.func.attr} may change a copy of {column} in place, which nobody sees again.",
                    hint=f"Assign the result: {column} = {column}.{call.func.attr}(…)",
                )


class MutableDefault(Rule):
    """A function changes the default of one of its arguments.

    The default is made once: what one call puts into it, the next call finds there.
    """

    code = "AB512"
    name = "changed-default"
    severity = "warning"
    example = "def add(name, names=[]):\n    names.append(name)\n    return names"
    better = "def add(name, names=()):\n    return [*names, name]"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for defaults that are lists, dicts or sets, and are changed in the body."""
        for function in subject.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
            for name, default in _defaults(function.args):
                if _is_mutable(default) and name in _changed_in(function):
                    yield self.at(
                        subject,
                        default,
                        f"{function.name} changes the default of {name!r}, which all calls share.",
                        hint=f"Write {name}=None, and make a new one in the body.",
                    )


class ChangedParameter(Rule):
    """A parameter is given another value below.

    What a run, a schedule or a person passes is lost: the launch form offers what has no effect.
    """

    code = "AB513"
    name = "changed-parameter"
    severity = "warning"
    example = '# In [1]: parameters\nmonth: str = "2013-03"\n# In [2]:\nmonth = "2013-05"'
    better = '# In [1]: parameters\nmonth: str = "2013-03"\n# In [2]:\nnext_month = "2013-05"'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for assignments to the names of the parameters cell in other cells."""
        cells = [code for code in subject.cells if TAG in code.tags]
        names = {
            target.id: statement
            for code in cells[:1]
            for statement in code.tree.body
            for target in ast.walk(statement)
            if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)
        }
        for code in subject.cells if names else ():
            if TAG in code.tags:
                continue
            for statement in code.tree.body:
                for name in (*_assigned_anew(statement), *_changed_by(statement)):
                    if name in names:
                        yield self.at(
                            subject,
                            statement,
                            f"The parameter {name!r} is given another value, whatever a run passes.",
                            hint="Give the new value another name, or change the default in the parameters cell.",
                        )


def _in_place(call: ast.Call) -> bool:
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return method in _COLUMN_METHODS and any(
        keyword.arg == "inplace" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in call.keywords
    )


def _is_column(node: ast.expr) -> bool:
    """Whether an expression is a column by its looks: no dict holds what is changed with ``inplace``."""
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        yield argument.arg, default
    for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if value is not None:
            yield argument.arg, value


def _is_mutable(node: ast.expr) -> bool:
    made = (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("list", "dict", "set")
    )
    return made or isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp)


def _changed_in(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Return the names that a function changes in place, unless it gives them another value first."""
    found: set[str] = set()
    anew: set[str] = set()
    for statement in function.body:
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if (
                    method in _IN_PLACE
                ):
                    found.add(name)
                case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                    found.add(name)
                case ast.AugAssign(target=ast.Name(id=name)):
                    found.add(name)
                case ast.Assign(targets=targets):
                    anew.update(target.id for target in targets if isinstance(target, ast.Name))
    return found - anew


def _changed_by(statement: ast.stmt) -> Iterator[str]:
    """Give the name of the list or dict that a statement changes in place."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method))) if (
            method in _IN_PLACE
        ):
            yield name
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
            yield name


def _assigned_anew(statement: ast.stmt) -> Iterator[str]:
    """Give the names that a statement of a cell assigns, other than from what they were before."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            names = [name]
        case _:
            return
    used = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    yield from (name for name in names if name not in used)
