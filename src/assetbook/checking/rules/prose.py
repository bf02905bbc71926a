"""AB72: what a notebook says of itself, and how long it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assetbook.checking.model import Finding
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject
from assetbook.contract.headings import read_headings
from assetbook.notebook import Cell

_FIRST = 3  # cells among which a title is looked for
_LEAST_TEXT = 0.15  # of the cells
_ENOUGH = 6  # code cells that make a notebook long enough to ask for text
_HEADING = re.compile(r"^\s{0,3}#\s+\S|^\s*<h1|^=+\s*$", re.MULTILINE | re.IGNORECASE)


class MissingTitle(Rule):
    """The notebook has no title.

    Its first heading is the asset's title in the catalogue, and the paragraph below it the description.
    """

    code = "AB714"
    name = "missing-title"
    severity = "note"
    example = "# In [1]:\ntotal = 3"
    better = "# In [ ]: markdown\n# Totals\n\nWhat this is for.\n# In [1]:\ntotal = 3"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for a heading in the first cells."""
        first = subject.notebook.cells[:_FIRST]
        if subject.notebook.code_cells and not any(
            cell.kind == "markdown" and _HEADING.search(cell.source) for cell in first
        ):
            yield self.of_notebook(
                subject,
                "The notebook has no title.",
                hint='Begin with a markdown cell: "# Title", and a paragraph that says what it is for.',
            )


class LittleText(Rule):
    """The notebook says little of what it does and found.

    A reader has the code alone: no word before it, none between the cells, no conclusion.
    """

    code = "AB715"
    name = "little-text"
    severity = "note"
    example = "\n".join(f"# In [{n}]:\nprint({n})" for n in range(1, 9))
    better = "# In [ ]: markdown\n# Numbers\n\nOne of them.\n# In [1]:\nprint(1)"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compare the number of text cells with that of code cells."""
        text = [cell for cell in subject.notebook.cells if cell.kind == "markdown" and cell.source.strip()]
        code = subject.notebook.code_cells
        if len(code) >= _ENOUGH and len(text) < _LEAST_TEXT * len(code):
            yield self.of_notebook(
                subject,
                f"{len(code)} code cells have {len(text)} text cells between them.",
                hint="Say in markdown cells what each part does, and what came out.",
            )


class ManyCells(Rule):
    """The notebook has many cells.

    It does several things; as several assets each can be run, checked and looked at alone. The number is `max-cells`
    in the settings.
    """

    code = "AB716"
    name = "many-cells"
    severity = "note"
    example = ""
    better = ""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Count the cells."""
        count = len(subject.notebook.cells)
        if count > subject.selection.max_cells:
            yield self.of_notebook(
                subject,
                f"The notebook has {count} cells, more than {subject.selection.max_cells}.",
                hint="Make several notebooks of it, each with what it saves.",
            )


class NoIntroduction(Rule):
    """The notebook does not say what it is for.

    The paragraph below the title is the asset's description: in the catalogue, in the UI, for whoever finds it.
    """

    code = "AB718"
    name = "no-introduction"
    severity = "note"
    example = "# In [ ]: markdown\n# Totals\n# In [1]:\ntotal = 3"
    better = "# In [ ]: markdown\n# Totals\n\nWhat this is for.\n# In [1]:\ntotal = 3"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for a paragraph below the title; a notebook without a title is told so."""
        title, paragraph = read_headings(subject.notebook)
        if title and not paragraph and subject.notebook.code_cells:
            yield self.of_notebook(
                subject,
                "The notebook does not say what it is for.",
                hint="Write a paragraph below its title.",
            )


class NoConclusion(Rule):
    """The notebook ends without a word of what came out.

    A reader has to tell it from the last cells.
    """

    code = "AB719"
    name = "no-conclusion"
    severity = "note"
    example = "\n".join(f"# In [{n}]:\nprint({n})" for n in range(1, 9))
    better = "# In [1]:\nprint(1)\n# In [ ]: markdown\nThat was one."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for text among the last cells."""
        cells = [cell for cell in subject.notebook.cells if cell.source.strip()]
        if len(subject.notebook.code_cells) >= _ENOUGH and not any(map(_is_text, cells[-_FIRST:])):
            yield self.of_notebook(
                subject,
                "The notebook ends without a conclusion.",
                hint="Say in a markdown cell what came out.",
            )


def _is_text(cell: Cell) -> bool:
    """Whether a cell says something, besides a heading."""
    return cell.kind == "markdown" and any(
        line.strip() and not line.lstrip().startswith("#") for line in cell.source.split("\n")
    )
