"""Pieces of a notebook's text, replaced by others: from nodes of its code to edits of its cells."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from assetbook.checking.model import Edit
from assetbook.checking.subject import Subject


def replaced(subject: Subject, node: ast.expr | ast.stmt, text: str) -> list[Edit]:
    """Return the edit that puts a text where a node stands; none where the line is IPython's own syntax."""
    spot = subject.spot(node)
    if spot.end is None or subject.is_translated(node):
        return []
    start, end = (spot.line, spot.column - 1), (spot.end[0], spot.end[1] - 1)
    return [Edit(subject.cell(spot.cell).index, start, end, text)]


def appended(subject: Subject, node: ast.expr, text: str) -> list[Edit]:
    """Return the edit that puts a text right behind a node."""
    return [Edit(edit.index, edit.end, edit.end, text) for edit in replaced(subject, node, "")]


def removed(subject: Subject, statement: ast.stmt) -> list[Edit]:
    """Return the edit that takes a statement out, with its lines where it has them to itself."""
    siblings = _siblings(subject, statement)
    if siblings is None or len(siblings) == 1:
        return replaced(subject, statement, "pass")
    found = replaced(subject, statement, "")
    if not found:
        return []
    (edit,) = found
    lines = subject.cell(subject.number(statement)).source.split("\n")
    before, after = lines[edit.start[0] - 1][: edit.start[1]], lines[edit.end[0] - 1][edit.end[1] :]
    rest = after.strip().removeprefix(";").strip()
    if before.strip() or (rest and not rest.startswith("#")):
        return [Edit(edit.index, edit.start, edit.end, "pass")]
    last = edit.end[0] == len(lines)
    if last and edit.start[0] > 1:  # the last lines go with the line end before them
        start = (edit.start[0] - 1, len(lines[edit.start[0] - 2]))
        return [Edit(edit.index, start, (edit.end[0], len(lines[-1])), "")]
    end = (edit.end[0], len(lines[edit.end[0] - 1])) if last else (edit.end[0] + 1, 0)
    return [Edit(edit.index, (edit.start[0], 0), end, "")]


def _siblings(subject: Subject, statement: ast.stmt) -> Sequence[ast.stmt] | None:
    """Return the statements of a block; of a cell itself an endless one, since it may become empty."""
    parent = subject.scopes.parent(statement)
    if isinstance(parent, ast.Module):
        return [statement, statement]
    for field in ("body", "orelse", "finalbody", "handlers"):
        block = getattr(parent, field, None)
        if isinstance(block, list) and statement in block:
            return block
    return None


def following(subject: Subject, statement: ast.stmt) -> Sequence[ast.stmt]:
    """Return the statements after one, in the same block."""
    parent = subject.scopes.parent(statement)
    for field in ("body", "orelse", "finalbody"):
        block = getattr(parent, field, None)
        if isinstance(block, list) and statement in block:
            return block[block.index(statement) + 1 :]
    return ()


def text_of(subject: Subject, node: ast.AST) -> str:
    """Return a node as its author wrote it."""
    code = next(cell for cell in subject.cells if cell.number == subject.number(node))
    return ast.get_source_segment(code.text, node) or ast.unparse(node)


def statement_of(subject: Subject, node: ast.AST) -> ast.stmt | None:
    """Return the innermost statement that a node belongs to."""
    if isinstance(node, ast.stmt):
        return node
    return next((parent for parent in subject.scopes.ancestors(node) if isinstance(parent, ast.stmt)), None)


def is_statement(subject: Subject, call: ast.Call) -> bool:
    """Whether a call is a whole statement, whose value nobody uses."""
    return isinstance(subject.scopes.parent(call), ast.Expr)


def overlaps(edit: Edit, others: Sequence[Edit]) -> bool:
    """Whether an edit touches text that another one replaces; two that take lines out must not be neighbours, either.

    Of a block that loses all its statements the last one becomes ``pass``: that is seen only when the others have gone.
    """
    return any(
        edit.index == other.index
        and (
            (edit.start < other.end and other.start < edit.end)
            or edit.start == other.start
            or (not edit.text and not other.text and (edit.start == other.end or other.start == edit.end))
        )
        for other in others
    )
