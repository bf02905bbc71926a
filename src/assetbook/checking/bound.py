"""Which names statements bind in the scope that they stand in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from assetbook.contract.scopes import FUNCTION_NODES

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def bound_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Give the names that statements bind in their own scope, a walrus in a comprehension included."""
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                continue
            case ast.Lambda():
                continue
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                yield name
            case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
                yield name
            case ast.alias(name=whole, asname=given):
                yield given or whole.partition(".")[0]
        if isinstance(node, _COMPREHENSIONS):
            yield from _walrus_names(node)
        else:
            yield from bound_names(ast.iter_child_nodes(node))


def _walrus_names(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.NamedExpr):
            yield inner.target.id


def declared_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that a body declares to be of outside: ``global`` and ``nonlocal``."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
        elif not isinstance(node, (*FUNCTION_NODES, ast.ClassDef)):
            found |= declared_names(ast.iter_child_nodes(node))
    return found
