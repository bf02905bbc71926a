"""What is left over when files have become assets: names of paths that nothing reads any more."""

from __future__ import annotations

import ast
from collections.abc import Collection

from assetbook.checking.paths import Paths
from assetbook.promotion.edits import removed
from assetbook.promotion.work import Work

_ROUNDS = 5


def drop_unused(work: Work, *, before: Collection[str]) -> None:
    """Take out assignments of paths that were read before, and are not any more.

    Args:
        work: the promotion.
        before: the names that were read in the original.
    """
    for _ in range(_ROUNDS):
        subject = work.subject
        paths = Paths(subject)
        edits = []
        for node in subject.nodes(ast.Assign):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if (
                    isinstance(subject.scopes.parent(node), ast.Module)
                    and name in before
                    and not subject.bindings.uses[name]
                    and paths.text(value) is not None
                    and _is_harmless(value)
                ):
                    edits += removed(subject, node)
        if not edits:
            return
        work.draft = work.draft.edit(edits)


def _is_harmless(value: ast.expr) -> bool:
    """Whether nothing but a text or a path comes of evaluating an expression."""
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
    return all(isinstance(call.func, ast.Attribute | ast.Name) and not call.keywords for call in calls)


def read_names(work: Work) -> frozenset[str]:
    """Return the names that the draft reads."""
    return frozenset(name for name, count in work.subject.bindings.uses.items() if count)
