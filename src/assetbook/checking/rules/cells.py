"""AB70: cells that do nothing, do it twice, or do too much."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from assetbook.checking.model import Finding, Fix
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject
from assetbook.contract.source import parse_python
from assetbook.notebook import Cell

_COMMENT = re.compile(r"\s*#(?!!)\s?(?P<text>.*)")
_LONG_COMMENT = 6  # lines of comment before they are better a markdown cell
_SMALL = 60  # characters of code that may stand twice


class EmptyCell(Rule):
    """A cell is empty.

    Readers wonder what was there. At the end of a notebook, where Jupyter leaves one, an empty cell is fine.
    """

    code = "AB701"
    name = "empty-cell"
    severity = "warning"
    example = "# In [1]:\ntotal = 3\n# In [ ]:\n\n# In [2]:\nprint(total)"
    better = "# In [1]:\ntotal = 3\n# In [2]:\nprint(total)"
    mends = "Deletes the cell."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for cells without text above the last one that has any."""
        cells = subject.notebook.cells
        last = max((cell.index for cell in cells if cell.source.strip()), default=-1)
        for cell in cells:
            if not cell.source.strip() and cell.index < last and not cell.tags:
                bare = not subject.raw(cell).get("outputs")
                fix = Fix("Delete the cell.", safe=True, delete_cell=cell.index) if bare else None
                yield self.in_cell(
                    subject, cell, f"The {cell.kind} cell is empty.", hint="Delete the cell.", fix=fix
                )


class DeadCell(Rule):
    """The code of a cell never runs: all of it is commented out, or stands below `if False:`.

    It was run once, and what is saved below may be its result. Version control keeps what is deleted.
    """

    code = "AB702"
    name = "dead-cell"
    severity = "warning"
    example = "# total = compute(3)\n# print(total)"
    better = "total = 3\nprint(total)"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for cells of nothing but code in comments, and for branches that are never taken."""
        for cell in subject.notebook.code_cells:
            if _is_commented_out(cell):
                yield self.in_cell(
                    subject,
                    cell,
                    "All code of the cell is commented out.",
                    hint="Delete the cell, or make it run.",
                )
        for node in subject.nodes(ast.If, ast.While):
            if isinstance(node.test, ast.Constant) and not node.test.value:
                yield self.at(
                    subject,
                    node.test,
                    "What stands below this condition never runs.",
                    hint="Delete it, or make it a parameter.",
                )
        for code in subject.cells:
            ends = [n for n, statement in enumerate(code.tree.body) if _ends(statement, subject)]
            if ends and ends[0] + 1 < len(code.tree.body):
                statement = code.tree.body[ends[0] + 1]
                yield self.at(
                    subject,
                    statement,
                    "The cell ends above this line, which never runs.",
                    hint="Delete what follows, or the end.",
                )


class DuplicateCell(Rule):
    """Two cells hold the same code.

    One of them was copied, perhaps to be changed. What is done twice is hard to change once.
    """

    code = "AB703"
    name = "duplicate-cell"
    severity = "note"
    example = (
        "# In [1]:\ntotal = sum(number ** 2 for number in range(100))\nprint(f'{total:,} in all')\n"
        "# In [2]:\ntotal = sum(number ** 2 for number in range(100))\nprint(f'{total:,} in all')"
    )
    better = "# In [1]:\ntotal = sum(number ** 2 for number in range(100))\nprint(f'{total:,} in all')"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compare the code of cells, without comments and layout."""
        seen: dict[str, int] = {}
        for code in subject.cells:
            if code.number in subject.broken or len(subject.cell(code.number).source.strip()) < _SMALL:
                continue
            if code.fingerprint in seen:
                first = seen[code.fingerprint]
                yield self.in_cell(
                    subject,
                    subject.cell(code.number),
                    f"The cell holds the same code as cell {first}.",
                    hint="Make a function of it, or delete one.",
                )
            seen.setdefault(code.fingerprint, code.number)


class LongCell(Rule):
    """A cell is long.

    A failure names the cell; the longer it is, the less that says. The number of lines is `max-cell-lines` in the
    settings.
    """

    code = "AB704"
    name = "long-cell"
    severity = "note"
    example = ""
    better = ""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Count the lines of each code cell."""
        limit = subject.selection.max_cell_lines
        for cell in subject.notebook.code_cells:
            lines = len(cell.source.rstrip("\n").split("\n"))
            if lines > limit:
                yield self.in_cell(
                    subject,
                    cell,
                    f"The cell has {lines:,} lines, more than {limit}.",
                    hint="Split it, or move functions to a module of the workspace.",
                )


class SeveralStatements(Rule):
    """Several statements stand in one line.

    A traceback, a diff and a reader see the line as one.
    """

    code = "AB705"
    name = "several-statements"
    severity = "note"
    example = "first = 1; second = 2"
    better = "first = 1\nsecond = 2"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for a statement that begins in the line in which another one ends."""
        for code in subject.cells:
            for before, after in zip(code.tree.body, code.tree.body[1:], strict=False):
                if before.end_lineno == after.lineno and not subject.is_translated(after):
                    yield self.at(
                        subject,
                        after,
                        "The line holds several statements.",
                        hint="Write one statement in a line.",
                    )


class LongComment(Rule):
    """A long comment stands in a code cell.

    As a markdown cell it is set as text, is in the table of contents, and in the executed notebook's page.
    """

    code = "AB706"
    name = "long-comment"
    severity = "note"
    example = "# one\n# two\n# three\n# four\n# five\n# six\ntotal = 3"
    better = "total = 3"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for many lines of comment below each other."""
        for cell in subject.notebook.code_cells:
            length = 0
            for number, line in enumerate([*cell.source.split("\n"), ""], 1):
                found = _COMMENT.match(line)
                if not found and length >= _LONG_COMMENT and not _is_commented_out(cell):
                    yield self.in_cell(
                        subject,
                        cell,
                        f"The comment has {length} lines.",
                        line=number - length,
                        hint="Make a markdown cell of it.",
                    )
                length = length + 1 if found else 0


class RedefinedFunction(Rule):
    """A function or class is defined in two cells.

    Which of them a cell uses depends on where it stands; in Jupyter on what was run last.
    """

    code = "AB707"
    name = "redefined-function"
    severity = "note"
    example = "# In [1]:\ndef area(a):\n    return a ** 2\n# In [2]:\ndef area(a, b):\n    return a * b"
    better = "# In [1]:\ndef area(a, b):\n    return a * b"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compare the names of the definitions of all cells."""
        seen: dict[str, int] = {}
        for code in subject.cells:
            for node in code.tree.body:
                if (
                    not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                    or node.decorator_list
                ):
                    continue
                first = seen.setdefault(node.name, code.number)
                if first != code.number:
                    yield self.at(
                        subject,
                        node,
                        f"{node.name} is also defined in cell {first}.",
                        hint="Give one of them another name, or delete it.",
                    )


def _is_commented_out(cell: Cell) -> bool:
    """Whether a cell holds nothing but comments, and these are code."""
    lines = [line for line in cell.source.split("\n") if line.strip()]
    found = [_COMMENT.fullmatch(line) for line in lines]
    if not lines or not all(found) or cell.tags:
        return False
    text = "\n".join(match["text"] for match in found if match)
    if re.match(r"\s*%\s*load\b", text):
        return False  # so courses offer their solutions
    if re.match(r"\s*(%|!)\w", text):
        return True
    try:
        tree = parse_python(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return any(map(_is_action, tree.body))


def _is_action(statement: ast.stmt) -> bool:
    """Whether a statement does something, as no prose does."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call | ast.Await)
    return not isinstance(statement, ast.Pass | ast.AnnAssign)


def _ends(statement: ast.stmt, subject: Subject) -> bool:
    """Whether a run never gets past a statement of a cell."""
    if isinstance(statement, ast.Raise):
        return True
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        named = isinstance(call.func, ast.Name) and call.func.id in ("exit", "quit")
        return named or subject.origin(call.func) in ("sys.exit", "os._exit")
    return (
        isinstance(statement, ast.Assert)
        and isinstance(statement.test, ast.Constant)
        and not statement.test.value
    )
