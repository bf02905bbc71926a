"""What a rule is: a class whose docstring and attributes are its documentation too."""

from __future__ import annotations

import ast
import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from assetbook.checking.model import Finding, Fix, Severity

if TYPE_CHECKING:
    from assetbook.checking.subject import Subject
    from assetbook.notebook import Cell


class Rule(ABC):
    """A rule that notebooks are held to.

    The first sentence of the docstring says what the rule finds, the rest why that matters. ``example`` breaks
    the rule, ``better`` does not; a line such as ``# In [2]:`` begins a cell.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    example: ClassVar[str]
    better: ClassVar[str]
    mends: ClassVar[str] = ""  # what `--fix` does; empty where nothing is mended without asking
    file_name: ClassVar[str] = "analysis"  # of the example, where that matters
    reads_code: ClassVar[bool] = True  # whether it has nothing to say of a notebook in another language

    @abstractmethod
    def check(self, subject: Subject) -> Iterator[Finding]:
        """Give what is found in a notebook."""

    @classmethod
    def summary(cls) -> str:
        """Return what the rule finds, in one sentence."""
        return " ".join((inspect.getdoc(cls) or "").partition("\n\n")[0].split())

    @classmethod
    def why(cls) -> str:
        """Return why that matters."""
        return " ".join((inspect.getdoc(cls) or "").partition("\n\n")[2].split())

    def at(
        self,
        subject: Subject,
        node: ast.AST,
        message: str,
        *,
        hint: str = "",
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding at a node of the code."""
        spot = subject.spot(node)
        source = subject.line(spot.cell, spot.line)
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            message=message,
            path=subject.path,
            cell=spot.cell,
            index=subject.cell(spot.cell).index,
            line=spot.line,
            column=spot.column,
            end=spot.end,
            source=source,
            hint=hint,
            fix=fix,
        )

    def in_cell(
        self,
        subject: Subject,
        cell: Cell,
        message: str,
        *,
        line: int = 1,
        hint: str = "",
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding about a cell, or a line of it."""
        lines = cell.source.split("\n")
        text = lines[line - 1] if line <= len(lines) else ""
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            message=message,
            path=subject.path,
            cell=cell.number,
            index=cell.index,
            line=line,
            column=len(text) - len(text.lstrip()) + 1,
            end=(line, len(text) + 1),
            source=text,
            hint=hint,
            fix=fix,
        )

    def of_notebook(self, subject: Subject, message: str, *, hint: str = "") -> Finding:
        """Return a finding about the notebook as a whole."""
        return Finding(self.code, self.name, self.severity, message, subject.path, hint=hint)
