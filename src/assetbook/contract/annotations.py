"""Type annotations, and the types of values, as the types of parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, cast

from assetbook.contract.literals import NotLiteralError, literal
from assetbook.contract.types import ANY, NONE, Kind, TypeSpec

SUPPORTED = (
    "str, int, float, bool, date, datetime, list[...], dict[..., ...], None, Any, Literal[...], "
    "Optional[...], Union[...] and X | Y"
)

_CHOICES = "the choices of Literal[...] are text, whole numbers, True, False or None"
_SIMPLE = frozenset({"str", "int", "float", "bool", "date", "datetime", "list", "dict"})
_KEY_KINDS = frozenset({"str", "int", "date", "any"})


class UnsupportedTypeError(Exception):
    """An annotation that is no type of a parameter; the text says why."""


def type_of_annotation(node: ast.expr) -> TypeSpec:
    """Return the type that an annotation names.

    Raises:
        UnsupportedTypeError: it names none that a launch form and a command line could give.
    """
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=str() as text):
            return _quoted(text)
        case ast.Name() | ast.Attribute():
            return _named(node)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _union([type_of_annotation(left), type_of_annotation(right)])
        case ast.Subscript(value=ast.Name() | ast.Attribute() as generic, slice=index):
            return _subscripted(node, _last_name(generic), _arguments(index))
    raise UnsupportedTypeError(f"the type {ast.unparse(node)} is not supported; use {SUPPORTED}")


def type_of_value(value: Any) -> TypeSpec:
    """Return the type that a default without annotation gives; None says nothing of the type."""
    if value is None:
        return ANY
    if isinstance(value, list):
        return TypeSpec("list", (_common(value),))
    if isinstance(value, dict):
        return TypeSpec("dict", (_common(value), _common(value.values())))
    kind = "datetime" if isinstance(value, datetime) else "date" if isinstance(value, date) else None
    return TypeSpec(cast(Kind, kind or type(value).__name__))


def _common(values: Iterable[Any]) -> TypeSpec:
    kinds = {type_of_value(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else ANY


def _quoted(text: str) -> TypeSpec:
    try:
        return type_of_annotation(ast.parse(text, mode="eval").body)
    except SyntaxError:
        raise UnsupportedTypeError(f"the type {text!r} is no type") from None


def _named(node: ast.Name | ast.Attribute) -> TypeSpec:
    name = _last_name(node)
    if name == "Any":
        return ANY
    name = name.lower() if name in ("List", "Dict") else name
    if name not in _SIMPLE:
        raise UnsupportedTypeError(f"the type {ast.unparse(node)} is not supported; use {SUPPORTED}")
    return TypeSpec(cast(Kind, name))


def _subscripted(node: ast.expr, name: str, arguments: list[ast.expr]) -> TypeSpec:
    match name, len(arguments):
        case "Literal", _:
            return _literal(arguments)
        case "Optional", 1:
            return _union([type_of_annotation(arguments[0]), NONE])
        case "Union", _:
            return _union([type_of_annotation(argument) for argument in arguments])
        case (("list" | "List"), 1):
            return TypeSpec("list", (type_of_annotation(arguments[0]),))
        case (("dict" | "Dict"), 2):
            key, value = (type_of_annotation(argument) for argument in arguments)
            if key.kind not in _KEY_KINDS:
                raise UnsupportedTypeError(f"the keys of a dict are str, int or date, found {key}")
            return TypeSpec("dict", (key, value))
    raise UnsupportedTypeError(f"the type {ast.unparse(node)} is not supported; use {SUPPORTED}")


def _literal(arguments: list[ast.expr]) -> TypeSpec:
    try:
        choices = tuple(literal(argument) for argument in arguments)
    except NotLiteralError as error:
        raise UnsupportedTypeError(f"{_CHOICES}, found {error}") from None
    if not all(choice is None or isinstance(choice, str | int) for choice in choices):
        raise UnsupportedTypeError(f"{_CHOICES}, found {', '.join(map(repr, choices))}")
    return TypeSpec("literal", choices=choices)


def _union(members: list[TypeSpec]) -> TypeSpec:
    flat = tuple(dict.fromkeys(_flatten(members)))
    kinds = {member.kind for member in flat}
    if "str" in kinds and kinds & {"date", "datetime"}:
        raise UnsupportedTypeError("a launch form cannot tell text from a date; use one of the two")
    return flat[0] if len(flat) == 1 else TypeSpec("union", flat)


def _flatten(members: list[TypeSpec]) -> Iterator[TypeSpec]:
    for member in members:
        yield from member.args if member.kind == "union" else (member,)


def _arguments(index: ast.expr) -> list[ast.expr]:
    return list(index.elts) if isinstance(index, ast.Tuple) else [index]


def _last_name(node: ast.Name | ast.Attribute) -> str:
    """Return the name without the module: ``date`` of ``datetime.date``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id
