"""Changing cells of a notebook that is text, and not one byte of the rest.

Only the lines that change are written: header, markers, prose and line ends stay as they are. What was written is read
again, and where it is not what was wanted, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from assetbook.notebook import decoded, parse_notebook
from assetbook.textform import Piece, TextNotebook, in_script, parse_text


def with_sources(content: bytes, sources: Mapping[int, str | None], *, path: Path) -> bytes:
    """Return a text notebook's file with other sources in some of its cells.

    Args:
        content: of the file.
        sources: position of a cell to its new source; None deletes the cell.
        path: the file: its suffix says its form.
    """
    text = decoded(content, path=path)
    notebook = parse_text(text, path=path, suffix=path.suffix)
    lines = text.splitlines(keepends=True)
    for index in sorted(sources, reverse=True):
        piece, source = notebook.pieces[index], sources[index]
        if piece is None:
            return content
        if source is None:
            del lines[piece.start : piece.end]
        else:
            lines = list(_replaced(lines, piece, _source(notebook, index), source, notebook=notebook))
    changed = "".join(lines).encode("utf-8")
    return changed if _holds(changed, _wanted(notebook, sources), path=path) else content


def _source(notebook: TextNotebook, index: int) -> str:
    return str(notebook.document["cells"][index]["source"])


def _replaced(lines: list[str], piece: Piece, old: str, new: str, *, notebook: TextNotebook) -> Iterator[str]:
    """Give the lines of a file in which a cell has another source."""
    first = piece.end if piece.source is None else piece.source
    before, after = old.split("\n") if old else [], new.split("\n")
    written = in_script(new) if notebook.comments_magics else after
    end = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
    yield from lines[:first]
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from lines[first + i1 : first + i2]
        else:
            yield from (f"{line}{end}" for line in written[j1:j2])
    yield from lines[first + len(before) :]


def _wanted(notebook: TextNotebook, sources: Mapping[int, str | None]) -> list[str]:
    count = len(notebook.document["cells"])
    found = (sources[index] if index in sources else _source(notebook, index) for index in range(count))
    return [source for source in found if source is not None]


def _holds(content: bytes, wanted: list[str], *, path: Path) -> bool:
    """Whether a file is read as these cells; jupytext leaves out empty lines at the end of a cell."""
    found = [cell.source for cell in parse_notebook(content, path=path).cells]
    return [source.rstrip("\n") for source in found] == [source.rstrip("\n") for source in wanted]
