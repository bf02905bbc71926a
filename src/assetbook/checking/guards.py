"""What stands around a node, and decides whether it runs or may fail."""

from __future__ import annotations

import ast
from collections.abc import Collection

from assetbook.contract.scopes import FUNCTION_NODES, Scopes


def catches(scopes: Scopes, node: ast.AST, errors: Collection[str]) -> bool:
    """Whether a node stands in a ``try`` that expects one of these errors, or in its handler."""
    inner = node
    for parent in scopes.ancestors(node):
        if isinstance(parent, ast.Try | ast.TryStar) and inner in parent.body:
            if any(handler.type is None or _names(handler.type) & set(errors) for handler in parent.handlers):
                return True
        elif isinstance(parent, ast.With | ast.AsyncWith):
            called = [item.context_expr for item in parent.items if isinstance(item.context_expr, ast.Call)]
            if any("suppress" in _names(call.func) and _names(call) & set(errors) for call in called):
                return True
        inner = parent
    return False


def is_conditional(scopes: Scopes, node: ast.AST) -> bool:
    """Whether a node runs only under a condition, in a handler, or when a function is called."""
    around = (ast.If, ast.ExceptHandler, ast.Match, *FUNCTION_NODES)
    return any(isinstance(parent, around) for parent in scopes.ancestors(node))


def condition_mentions(scopes: Scopes, node: ast.AST, names: Collection[str]) -> bool:
    """Whether a condition around a node asks something by one of these names: ``if path.exists():``."""
    wanted = set(names)
    inner = node
    for parent in scopes.ancestors(node):
        if (
            isinstance(parent, ast.If | ast.IfExp | ast.While)
            and inner is not parent.test
            and _names(parent.test) & wanted
        ):
            return True
        inner = parent
    return False


def _names(node: ast.AST) -> set[str]:
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return found | {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}


_HOSTED = frozenset(
    {
        "IN_COLAB",
        "COLAB",
        "colab",
        "is_colab",
        "ON_COLAB",
        "modules",
        "IN_KAGGLE",
        "on_colab",
        "in_colab",
        "KAGGLE",
    }
)


def is_elsewhere(scopes: Scopes, node: ast.AST) -> bool:
    """Whether a node runs only in a hosted notebook service."""
    return condition_mentions(scopes, node, _HOSTED)
