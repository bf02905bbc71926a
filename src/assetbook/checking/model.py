"""What a check of a notebook gives: findings, each with its place and what to do about it.

Plain frozen data, independent of how it is shown. Code cells count from 1, as everywhere; lines and columns of a
cell likewise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")  # the worst first


@dataclass(frozen=True)
class Edit:
    """A piece of a cell's source, and the text that replaces it.

    Attributes:
        index: the cell's position in the file, from 0.
        start: line from 1, and characters before it in this line.
        end: where the piece ends, likewise.
        text: what stands there instead.
    """

    index: int
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True)
class Fix:
    """A change that mends a finding.

    ``safe`` says that no result can change by it: such a fix is made without asking. With ``delete_cell`` the
    whole cell at this position goes.
    """

    title: str
    edits: tuple[Edit, ...] = ()
    safe: bool = False
    delete_cell: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it, ready for JSON."""
        edits = [
            {"index": edit.index, "start": list(edit.start), "end": list(edit.end), "text": edit.text}
            for edit in self.edits
        ]
        return {"title": self.title, "safe": self.safe, "delete_cell": self.delete_cell, "edits": edits}


@dataclass(frozen=True)
class Finding:
    """Something about a notebook that its author should know.

    Attributes:
        code: of the rule, such as ``AB101``.
        name: of the rule in words, such as ``missing-module``.
        severity: ``error`` will not run in production, ``warning`` may give other results, ``note`` is style.
        message: what is wrong, in one sentence.
        path: the notebook, as messages name it.
        cell: the number of the code cell; None for the notebook as a whole and for other cells.
        index: the cell's position in the file, from 0.
        line: in the cell, from 1.
        file_line: in the file, from 1, of a notebook that is text; None of an ``.ipynb``.
        column: in the line, from 1.
        end: where it ends: line, and column after the last character.
        source: the line as it stands in the cell; secrets in it are masked.
        hint: what to do.
        fix: the change that does it, where that can be told.
    """

    code: str
    name: str
    severity: Severity
    message: str
    path: Path
    cell: int | None = None
    index: int | None = None
    line: int | None = None
    column: int | None = None
    end: tuple[int, int] | None = None
    source: str = ""
    hint: str = ""
    fix: Fix | None = None
    file_line: int | None = None

    @property
    def where(self) -> str:
        """The place in words: ``cell 3, line 2``; of a cell without a number its position in the file."""
        if self.cell is not None:
            return f"cell {self.cell}" + (f", line {self.line}" if self.line else "")
        return "" if self.index is None else f"cell {self.index + 1} of the file"

    def as_json(self) -> dict[str, Any]:
        """Return it, ready for JSON."""
        return {
            "code": self.code,
            "name": self.name,
            "severity": self.severity,
            "message": self.message,
            "notebook": self.path.as_posix(),
            "cell": self.cell,
            "index": self.index,
            "line": self.line,
            "file_line": self.file_line,
            "column": self.column,
            "end": list(self.end) if self.end else None,
            "source": self.source,
            "hint": self.hint,
            "fix": self.fix.as_json() if self.fix else None,
        }


@dataclass(frozen=True)
class Report:
    """The findings of one notebook, in the order of its cells; those that were ignored are counted."""

    path: Path
    findings: tuple[Finding, ...] = ()
    ignored: int = 0
    content: bytes = field(default=b"", repr=False, compare=False)

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of this severity or a worse one."""
        return tuple(finding for finding in self.findings if is_at_least(finding.severity, severity))

    def of(self, *codes: str) -> tuple[Finding, ...]:
        """Return the findings of these rules, or families of rules: ``AB101``, ``AB1``."""
        return tuple(finding for finding in self.findings if finding.code.startswith(codes))

    def fixes(self, *, safe: bool = True) -> Iterator[Fix]:
        """Give the fixes; without ``safe`` also those that somebody has to agree to."""
        for finding in self.findings:
            if finding.fix and (finding.fix.safe or not safe):
                yield finding.fix


def is_at_least(severity: Severity, level: Severity) -> bool:
    """Whether a severity is as bad as a level, or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(level)
