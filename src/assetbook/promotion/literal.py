"""Expressions that mean the same wherever they stand: literals, and the types and constants of libraries."""

from __future__ import annotations

import ast

from assetbook.checking.subject import Subject
from assetbook.promotion.edits import text_of

LIBRARIES = {"pandas": "pd", "numpy": "np", "polars": "pl"}
_TYPES = frozenset(
    {"str", "int", "float", "bool", "object", "complex", "list", "dict", "tuple", "set", "len"}
)


def literal_text(node: ast.expr, subject: Subject) -> str | None:
    """Return an expression in a form that does not depend on where it stands; None where it does depend.

    Names that stand for literals are replaced by them; those of pandas and NumPy get their usual aliases.
    """
    found = _Literal(subject).read(node)
    if found is None:
        return None
    written = text_of(subject, node)
    is_own = ast.dump(found) == ast.dump(node) and "\n" not in written
    return written if is_own else ast.unparse(found)


class _Literal:
    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._reading: list[ast.expr] = []

    def read(self, node: ast.expr) -> ast.expr | None:
        if node in self._reading or len(self._reading) > 50:
            return None
        self._reading.append(node)
        try:
            return self._read(node)
        finally:
            self._reading.pop()

    def _read(self, node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Constant():
                return node
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                found = self._all(items)
                if found is None:
                    return None
                if isinstance(node, ast.Set):
                    return ast.Set(elts=found)
                return type(node)(elts=found, ctx=ast.Load())
            case ast.Dict(keys=keys, values=values):
                names = self._all([key for key in keys if key is not None])
                given = self._all(values)
                if names is None or given is None or len(names) != len(given):
                    return None
                return ast.Dict(keys=list(names), values=given)
            case ast.UnaryOp(op=op, operand=operand):
                inner = self.read(operand)
                return ast.UnaryOp(op=op, operand=inner) if inner else None
            case ast.BinOp(left=left, op=op, right=right):
                one, other = self.read(left), self.read(right)
                return ast.BinOp(left=one, op=op, right=other) if one and other else None
            case ast.Call(func=ast.Name(id="dict" | "list" | "range"), args=args, keywords=keywords):
                return self._call(node, args, keywords)
            case ast.Name() | ast.Attribute():
                return self._named(node)
        return None

    def _all(self, nodes: list[ast.expr]) -> list[ast.expr] | None:
        found = [item for item in map(self.read, nodes) if item is not None]
        return found if len(found) == len(nodes) else None

    def _call(self, node: ast.Call, args: list[ast.expr], keywords: list[ast.keyword]) -> ast.expr | None:
        given, values = self._all(args), self._all([keyword.value for keyword in keywords])
        if given is None or values is None or any(keyword.arg is None for keyword in keywords):
            return None
        rest = [ast.keyword(arg=k.arg, value=value) for k, value in zip(keywords, values, strict=True)]
        return ast.Call(func=node.func, args=given, keywords=rest)

    def _named(self, node: ast.Name | ast.Attribute) -> ast.expr | None:
        package, _, name = self._subject.origin(node).partition(".")
        if package in LIBRARIES and name:
            return ast.parse(f"{LIBRARIES[package]}.{name}", mode="eval").body
        if isinstance(node, ast.Name):
            definition = self._subject.definition(node)
            if definition is not node:
                return self.read(definition)
            if node.id in _TYPES and not self._subject.bindings.all(node):
                return node
        return None
