"""AB0: whether the file is a notebook in Python at all."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

from assetbook.checking.model import Finding
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject
from assetbook.contract.reader import notebook_language, read_parsed
from assetbook.contract.source import CellCode
from assetbook.contract.version import Modules


class Unreadable(Rule):
    """The file is no notebook that can be read.

    It is empty, no JSON, of format 3 or older, not UTF-8, or holds the conflict markers of a merge. Nothing can
    run it, Jupyter included.
    """

    code = "AB001"
    name = "unreadable-notebook"
    severity = "error"
    example = ""
    better = ""
    reads_code = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Give nothing: a notebook that has been read can be read."""
        yield from ()

    def says(self, path: Path, message: str) -> Finding:
        """Return the finding about a file that could not be read."""
        return Finding(self.code, self.name, self.severity, message, path)


class OtherLanguage(Rule):
    """The notebook's language is not Python.

    Assets are Python notebooks: the platform reads what they load and save from their code. Nothing else is
    checked in a notebook of another language.
    """

    code = "AB002"
    name = "other-language"
    severity = "error"
    example = ""
    better = ""
    reads_code = False

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look at the kernel that the notebook names."""
        if not subject.is_python:
            language = notebook_language(subject.notebook)
            yield self.of_notebook(
                subject,
                f"The notebook's language is {language}, expected Python.",
                hint="Choose a Python kernel, if its code is Python.",
            )


class InvalidSyntax(Rule):
    """A cell is no valid Python.

    A run ends there. Often it is a line that somebody left unfinished, code of Python 2, or text that belongs into a
    markdown cell.
    """

    code = "AB003"
    name = "invalid-syntax"
    severity = "error"
    example = "print 'hello'"
    better = "print('hello')"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Give the cells that could not be parsed."""
        for number, (place, message) in sorted(subject.broken.items()):
            cell = subject.cell(number)
            if subject.is_skipped(cell) or _PROMPT.match(cell.source):
                continue
            reason = message.partition("): ")[0] + ")" if "): " in message else message
            old = "Missing parentheses in call to" in reason
            yield self.in_cell(
                subject,
                cell,
                f"The cell is {reason}."
                if reason.startswith("no valid")
                else f"{reason[:1].upper()}{reason[1:]}",
                line=place.line,
                hint="This is Python 2: write a call, such as print(…)."
                if old
                else "Finish the line, or make the cell a markdown or raw cell.",
            )
        for code in subject.cells:
            if (error := _not_compiled(code)) is not None:
                yield self.in_cell(
                    subject,
                    subject.cell(code.number),
                    f"The cell is no valid Python ({error.msg}).",
                    line=error.lineno or 1,
                    hint="Take it out, or put it where it belongs.",
                )


class BrokenContract(Rule):
    """The platform cannot read the notebook as an asset.

    Names of assets that have to be computed, parameters that are no literals, two outputs of one name: what a run
    would refuse is told here, with the cell.
    """

    code = "AB004"
    name = "broken-contract"
    severity = "error"
    example = "import assetbook as ab\nname = input\ntable = ab.load(name)"
    better = 'import assetbook as ab\ntable = ab.load("flights")'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Read the notebook as the platform does, if it uses assetbook at all."""
        tagged = any("parameters" in tag.casefold() for cell in subject.notebook.cells for tag in cell.tags)
        if "assetbook" not in subject.imported and not tagged:
            return
        reading = read_parsed(subject.notebook, modules=Modules(subject.root))
        for problem in reading.contract.problems:
            place = problem.place
            if place and place.cell in subject.broken:
                continue  # the rule of syntax says it
            message = problem.message.removeprefix(f"{subject.path}")
            message = message.removeprefix(f", {place}" if place else "").removeprefix(": ")
            message = message[:1].upper() + message[1:]
            if place is None:
                yield self.of_notebook(subject, message)
            else:
                yield self.in_cell(subject, subject.cell(place.cell), message, line=place.line)


_PROMPT = re.compile(r"\s*(>>> |In \[\d*\]: )")  # which IPython takes away from what is pasted
_ODD = (
    ast.Return,
    ast.Yield,
    ast.YieldFrom,
    ast.Break,
    ast.Continue,
    ast.Nonlocal,
    ast.Global,
    ast.arguments,
)


def _not_compiled(code: CellCode) -> SyntaxError | None:
    """Return what is wrong with a cell that can be parsed, but not be run: ``return`` outside of a function."""
    if not any(isinstance(node, _ODD) for node in code.nodes):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on style
            compile(code.tree, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return None if "__future__" in str(error.msg) else error
    except (ValueError, RecursionError):
        return None
    return None
