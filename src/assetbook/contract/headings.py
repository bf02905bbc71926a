"""A notebook's title and description: its first heading, and the paragraph that follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assetbook.notebook import Notebook

_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?P<text>.+?)\s*#*\s*")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_NO_PROSE = re.compile(r"\s*(\[?!\[|<)")  # an image, a badge, HTML


def read_headings(notebook: Notebook) -> tuple[str | None, str | None]:
    """Return title and description; None for what the notebook does not have.

    The description is looked for up to the next heading or code cell.
    """
    title: str | None = None
    paragraph: list[str] = []
    for line in _lines(notebook):
        heading = _HEADING.fullmatch(line) if line else None
        if title is None:
            title = heading["text"] if heading else None
        elif line is None or heading or (paragraph and not line.strip()):
            break
        elif line.strip() and not _NO_PROSE.match(line):
            paragraph.append(line.strip())
    return title, " ".join(paragraph) or None


def _lines(notebook: Notebook) -> Iterator[str | None]:
    """Give the lines of the markdown cells without fenced code; None stands for a code cell."""
    for cell in notebook.cells:
        if cell.kind == "code":
            yield None
        if cell.kind != "markdown":
            continue
        fenced = False
        for line in cell.source.split("\n"):
            if _FENCE.match(line):
                fenced = not fenced
            elif not fenced:
                yield line
        yield ""
