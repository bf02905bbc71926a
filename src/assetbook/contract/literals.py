"""Values that can be told from source alone: what defaults and the arguments of ``ab.asset`` may be."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

LITERALS = (
    "text, numbers, True, False, None, lists, dicts, date(2013, 1, 31) and datetime(2013, 1, 31, 12, 0)"
)

_LARGEST = 10**18  # keeps arithmetic on numbers from becoming a computation
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


class NotLiteralError(Exception):
    """An expression whose value only a run can tell; the text is its source."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__(ast.unparse(node))
        self.node = node


def literal(node: ast.expr) -> Any:
    """Return the value of a literal expression.

    Raises:
        NotLiteralError: the expression has to be run, or is no value that a parameter can have.
    """
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [literal(item) for item in items]
        case ast.Dict(keys=keys, values=values):
            return _dict(node, keys, values)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            number = _number(operand)
            return -number if isinstance(node.op, ast.USub) else number
        case ast.BinOp():
            return _arithmetic(node)
        case ast.Call():
            return _moment(node)
    raise NotLiteralError(node)


def _dict(node: ast.expr, keys: list[ast.expr | None], values: list[ast.expr]) -> dict[Any, Any]:
    pairs: dict[Any, Any] = {}
    for key, value in zip(keys, values, strict=True):
        if key is None or isinstance(key, ast.List | ast.Tuple | ast.Dict):  # ``**other``; not hashable here
            raise NotLiteralError(node)
        pairs[literal(key)] = literal(value)
    return pairs


def _number(node: ast.expr) -> Any:
    value = literal(node)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotLiteralError(node)
    return value


def _arithmetic(node: ast.BinOp) -> Any:
    compute = _OPERATORS.get(type(node.op))
    left, right = _number(node.left), _number(node.right)
    if compute is None or abs(left) > _LARGEST or abs(right) > _LARGEST:
        raise NotLiteralError(node)
    if isinstance(node.op, ast.Pow) and abs(right) > 64:
        raise NotLiteralError(node)
    try:
        value = compute(left, right)
    except ArithmeticError:
        raise NotLiteralError(node) from None
    if isinstance(value, complex):  # a root of a negative number
        raise NotLiteralError(node)
    return value


def _moment(node: ast.Call) -> date:
    """Return what ``date(…)`` or ``datetime(…)`` gives, however the module is called in front of it."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    kinds: dict[str, type[date]] = {"date": date, "datetime": datetime}
    if name not in kinds or any(keyword.arg is None for keyword in node.keywords):
        raise NotLiteralError(node)
    positional = [_number(argument) for argument in node.args]
    named = {str(keyword.arg): _number(keyword.value) for keyword in node.keywords}
    try:
        return kinds[name](*positional, **named)
    except (TypeError, ValueError, OverflowError):
        raise NotLiteralError(node) from None
