"""Notebooks in text, through jupytext: their cells, and where in the file each of them stands.

The only module that imports jupytext, and only imported for a file that is text.
"""

from __future__ import annotations

import json
import warnings
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.errors import ContractError
from assetbook.forms import is_text_notebook
from assetbook.imports import IRI_GRAMMAR, without

with (
    without(IRI_GRAMMAR),
    without("jupytext.sync_contentsmanager"),  # what jupytext is to a Jupyter server, which this is not
    without("jupytext.async_contentsmanager"),
):
    from jupytext import config as jupytext_config
    from jupytext import formats as jupytext_formats
    from jupytext.jupytext import TextNotebookConverter
    from jupytext.magics import comment_magic
    from jupytext.myst import MYST_FORMAT_NAME, myst_to_notebook

if TYPE_CHECKING:
    from collections.abc import Sequence

_LAYOUT = (
    "lines_to_next_cell",
    "lines_to_end_of_cell_marker",
    "cell_marker",
)  # of the text, not of the notebook


@dataclass(frozen=True)
class Piece:
    """Where a cell stands in the file; lines count from 0.

    Attributes:
        start: the first line of the cell, which may be its marker.
        end: the line after its last one.
        source: the line that its source begins on; None where that cannot be told.
    """

    start: int
    end: int
    source: int | None


@dataclass(frozen=True)
class TextNotebook:
    """A text file as a notebook.

    Attributes:
        document: the notebook's JSON, as of an ``.ipynb``.
        pieces: where each cell stands; None where that cannot be told.
        comments_magics: whether ``%magic`` stands behind a ``#`` in the file, which so remains Python.
    """

    document: dict[str, Any]
    pieces: tuple[Piece | None, ...]
    comments_magics: bool


def parse_text(text: str, *, path: Path, suffix: str) -> TextNotebook:
    """Read a notebook from the text of its file.

    Args:
        text: of the file.
        path: what messages call it.
        suffix: of the file.

    Raises:
        ContractError: it is no notebook, or its header cannot be read.
    """
    if not is_text_notebook(text.encode(), suffix=suffix):
        raise ContractError(f"{path}: {_NO_NOTEBOOK[suffix]}")
    spans: list[tuple[int, int]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on formats newer than the library
        try:
            converter = _converter(text, suffix=suffix, spans=spans)
            notebook = converter.reads(text)
        except Exception as error:  # noqa: BLE001 - jupytext raises what its parts raise: YAML's errors, ValueError, KeyError
            raise ContractError(
                f"{path}: the header or the cells cannot be read as jupytext writes them ({_told(error)}). Correct "
                "the file, or write it anew from the notebook with jupytext."
            ) from None
    document: dict[str, Any] = json.loads(json.dumps(notebook, default=str))
    lines = text.splitlines()
    pieces = tuple(_pieces(document["cells"], spans, lines))
    for cell in document["cells"]:
        cell.pop("id", None)  # made by chance at each reading
        for name in _LAYOUT:
            cell["metadata"].pop(name, None)
    commented = suffix == ".py" and converter.fmt.get("comment_magics", True) is not False
    _name_language(document["metadata"], suffix=suffix)
    return TextNotebook(document, pieces, commented and converter.fmt.get("format_name") != "hydrogen")


_NO_NOTEBOOK = {
    ".py": "a Python file without cells is no notebook. Begin each cell with a line `# %%`.",
    ".md": "a Markdown file without jupytext's header is no notebook. Write one with: jupytext --to md NOTEBOOK.ipynb",
}


def _converter(text: str, *, suffix: str, spans: list[tuple[int, int]]) -> Any:
    """Return jupytext's reader of this text, which notes the lines of each cell."""
    form: dict[str, Any] = {"extension": suffix}
    name = jupytext_formats.read_format_from_metadata(text, suffix)
    if not name:
        name, options = jupytext_formats.guess_format(text, suffix)
        form |= options
    converter = TextNotebookConverter(form | ({"format_name": name} if name else {}), None)
    count = len(text.splitlines())
    reader: Any = converter.implementation.cell_reader_class
    if converter.fmt.get("format_name") == MYST_FORMAT_NAME:
        spans += _spans_of_myst(text)
    elif reader is not None:

        class Noting(reader):  # type: ignore[misc] # jupytext has no types
            def read(self, lines: list[str]) -> Any:
                cell, length = super().read(lines)
                spans.append((count - len(lines), count - len(lines) + length))
                return cell, length

        converter.implementation = copy(converter.implementation)
        converter.implementation.cell_reader_class = Noting
    return converter


def _spans_of_myst(text: str) -> list[tuple[int, int]]:
    """Return the lines of each cell of MyST, which is read as a whole."""
    found = myst_to_notebook(text, add_source_map=True)
    starts = [  # of code the line below the fence is told
        line - (cell.cell_type != "markdown")
        for cell, line in zip(found.cells, found.metadata["source_map"], strict=True)
    ]
    return list(zip(starts, [*starts[1:], len(text.splitlines())], strict=True))


def _pieces(
    cells: Sequence[dict[str, Any]], spans: Sequence[tuple[int, int]], lines: Sequence[str]
) -> list[Piece | None]:
    """Find the source of each cell among the lines that jupytext has read it from, else below the cell before."""
    extra = len(cells) - len(
        spans
    )  # a header that jupytext does not know is a cell that its readers do not see
    known = [None] * extra + list(spans) if spans and extra in (0, 1) else [None] * len(cells)
    found: list[Piece | None] = []
    below = 0
    for cell, span in zip(cells, known, strict=True):
        source = cell["source"].split("\n")
        start, end = span or (below, len(lines))
        first = _found(source, lines, start, end)
        if span:
            found.append(Piece(start, end, first))
        else:
            found.append(None if first is None else Piece(first, first + len(source), first))
        below = below if first is None else first + len(source)
    return found


def _found(source: Sequence[str], lines: Sequence[str], start: int, end: int) -> int | None:
    """Return the line that a source begins on; ``%%bash`` of a cell in another language is its marker's line."""
    in_marker = int(source[0].startswith("%%") and len(source) > 1)
    for above in dict.fromkeys((0, in_marker)):
        wanted = source[above:]
        if (at := next((at for at in range(start, end) if _stands_at(wanted, lines, at)), None)) is not None:
            return at - above
    return None


def _stands_at(source: Sequence[str], lines: Sequence[str], at: int) -> bool:
    if not any(source) or at + len(source) > len(lines):
        return False
    return all(_is_line(wanted, line) for wanted, line in zip(source, lines[at:], strict=False))


def _is_line(wanted: str, line: str) -> bool:
    """Whether a line of the file is this line of a cell, as it is or behind a ``#``."""
    if wanted.rstrip() == line.rstrip():
        return True
    bare = line.lstrip()
    return bare.startswith("#") and bare[1:].strip() == wanted.strip()


def _name_language(metadata: dict[str, Any], *, suffix: str) -> None:
    """Say in the notebook's own terms which language it is in, where only jupytext's say so."""
    jupytext = metadata.pop("jupytext", None)
    jupytext = jupytext if isinstance(jupytext, dict) else {}
    if "kernelspec" in metadata or "language_info" in metadata:
        return
    told = str(jupytext.get("main_language") or jupytext.get("default_lexer") or "python")
    language = "python" if suffix == ".py" or told.startswith(("python", "ipython")) else told
    metadata["language_info"] = {"name": language}


def _told(error: Exception) -> str:
    if problem := getattr(
        error, "problem", None
    ):  # of YAML, whose whole text counts the lines of the header alone
        return f"the header is no YAML: {problem}"
    if place := getattr(error, "absolute_path", None):  # of what the format of notebooks asks for
        return f"{'.'.join(map(str, place))}: {getattr(error, 'message', error)}"
    return " ".join(str(error).split()) or type(error).__name__


def in_script(source: str) -> list[str]:
    """Return the lines of a cell as a script has them, with magics as comments."""
    lines: list[str] = comment_magic(source.split("\n"))
    return lines


def configured_formats(path: Path) -> str:
    """Return the formats that jupytext's settings give to a notebook, "" for none."""
    try:
        config = jupytext_config.load_jupytext_config(str(path.absolute()))
        formats = config.default_formats(str(path)) if config else None
    except jupytext_config.JupytextConfigurationError as error:
        raise ContractError(f"{path}: the settings of jupytext cannot be read ({_told(error)}).") from None
    if not formats:
        return ""
    return formats if isinstance(formats, str) else str(jupytext_formats.short_form_multiple_formats(formats))
