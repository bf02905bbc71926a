"""Notebooks as plain data: an ``.ipynb`` file read as the JSON that it is, text through `assetbook.textform`.

No nbformat: it validates against a schema and upgrades on the way, which is slow, and neither is wanted
where a thousand notebooks are read to see what they declare. What belongs here is the file format; what the
cells mean is `assetbook.contract`'s subject.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from assetbook.errors import ContractError
from assetbook.forms import TEXT

CellKind = Literal["code", "markdown", "raw"]

_MINOR = 5  # the minor format that a file without one is taken for
_INJECTED_TAG = "injected-parameters"  # papermill's own cell in a notebook that it has executed


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook.

    ``number`` counts the code cells from 1, as ``In [1]`` of a run from top to bottom; it is None for other
    kinds and for the cell that papermill injects. ``index`` is the position in the file, from 0. ``line`` is the
    line of the file, from 1, that the source of a text notebook's cell begins on.
    """

    number: int | None
    kind: CellKind
    source: str
    tags: frozenset[str]
    index: int
    line: int | None = None


@dataclass(frozen=True)
class Notebook:
    """A notebook as its author wrote it: cells and metadata, no outputs.

    ``digest`` is that of the file, ``raw`` the file's JSON; of a file that ``is_text`` what that would be.
    """

    path: Path
    cells: tuple[Cell, ...]
    metadata: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    is_text: bool = False

    @property
    def code_cells(self) -> tuple[Cell, ...]:
        """The numbered code cells, in order."""
        return tuple(cell for cell in self.cells if cell.number is not None)

    def document(self) -> dict[str, Any]:
        """Return the file's JSON without outputs, and with all that the format asks for.

        Programs that write notebooks leave out what they have no use for. What is missing here, or of a wrong
        type where nothing depends on it, is filled in as reading takes it.
        """
        minor = self.raw.get("nbformat_minor")
        return {
            **self.raw,
            "nbformat_minor": minor if type(minor) is int and minor >= 0 else _MINOR,
            "metadata": self.metadata,
            "cells": [_complete(raw, cell) for raw, cell in zip(self.raw["cells"], self.cells, strict=True)],
        }


def read_notebook(path: Path, *, root: Path | None = None) -> Notebook:
    """Read a notebook.

    Args:
        path: the file, an ``.ipynb`` or text.
        root: a folder; the notebook's path and the messages are then relative to it.

    Raises:
        ContractError: the file is missing, or no notebook of format 4.
    """
    shown = path.relative_to(root) if root and path.is_relative_to(root) else path
    return parse_notebook(read_bytes(path, shown=shown), path=shown)


def read_bytes(path: Path, *, shown: Path) -> bytes:
    """Return the content of a notebook file, or say as a ContractError why that cannot be had."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ContractError(f"{shown}: there is no such file.") from None
    except OSError as error:
        raise ContractError(f"{shown}: the file cannot be read ({error.strerror}).") from error


def digest_of(content: bytes) -> str:
    """Return the digest that names a file's content."""
    return hashlib.sha256(content).hexdigest()


def parse_notebook(content: bytes, *, path: Path, suffix: str | None = None) -> Notebook:
    """Read a notebook from the bytes of its file.

    Args:
        content: of the file.
        path: what messages call it.
        suffix: of the file, which tells its form; that of `path` by default.
    """
    suffix = path.suffix if suffix is None else suffix
    lines: dict[int, int] = {}
    if suffix in TEXT:
        document, lines = _of_text(content, path=path, suffix=suffix)
    else:
        document = _document(content, path=path)
    _check_format(document, path=path)
    cells: list[Cell] = []
    number = 1
    for index, raw in enumerate(document["cells"]):
        cell = _cell(raw, index=index, number=number, path=path, line=lines.get(index))
        cells.append(cell)
        number += cell.number is not None
    return Notebook(
        path=path,
        cells=tuple(cells),
        metadata=_objects(document.get("metadata"), "kernelspec", "language_info"),
        digest=digest_of(content),
        raw=document,
        is_text=suffix in TEXT,
    )


def _of_text(content: bytes, *, path: Path, suffix: str) -> tuple[dict[str, Any], dict[int, int]]:
    """Return what a text notebook is as JSON, and the lines that its cells begin on by their positions."""
    from assetbook.textform import parse_text

    found = parse_text(decoded(content, path=path), path=path, suffix=suffix)
    places = ((index, piece.source) for index, piece in enumerate(found.pieces) if piece)
    return found.document, {index: line + 1 for index, line in places if line is not None}


def decoded(content: bytes, *, path: Path) -> str:
    """Return the text of a notebook's file, with an error for each way in which files go wrong."""
    if not content.strip():
        raise ContractError(f"{path}: the file is empty. Restore it, or delete it.")
    if content.startswith(b"\xef\xbb\xbf"):
        raise ContractError(
            f"{path}: the file starts with a byte order mark, which Jupyter does not read. "
            "Save it as UTF-8 without one."
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContractError(
            f"{path}: the file is not UTF-8 (byte {error.start} is 0x{content[error.start]:02x}). "
            "Save it as UTF-8."
        ) from None
    if "\n<<<<<<< " in text:
        raise ContractError(f"{path}: the file holds conflict markers of a git merge. Resolve the conflict.")
    return text


def _document(content: bytes, *, path: Path) -> dict[str, Any]:
    """Decode the file's JSON."""
    text = decoded(content, path=path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"{path}: the file is not JSON ({error}). Restore it from Jupyter.") from None
    if not isinstance(document, dict) or "nbformat" not in document:
        raise ContractError(f"{path}: the file is JSON, but no notebook: it has no 'nbformat'.")
    return document


def _check_format(document: dict[str, Any], *, path: Path) -> None:
    version = document["nbformat"]
    if not isinstance(version, int) or isinstance(version, bool):
        raise ContractError(f"{path}: 'nbformat' is {version!r}, expected the number 4.")
    if version < 4:
        raise ContractError(
            f"{path}: the notebook has format {version}, expected 4. "
            f"Convert it: jupyter nbconvert --to notebook --nbformat 4 --inplace {path}"
        )
    if version > 4:
        raise ContractError(f"{path}: the notebook has format {version}, newer than 4, the one known.")
    if not isinstance(document.get("cells"), list):
        raise ContractError(f"{path}: the notebook has no list of 'cells'. Restore it from Jupyter.")


def _cell(raw: object, *, index: int, number: int, path: Path, line: int | None) -> Cell:
    where = f"{path}: cell {index + 1} of the file"
    if not isinstance(raw, dict):
        raise ContractError(f"{where} is no JSON object. Restore the notebook from Jupyter.")
    kind = raw.get("cell_type")
    if kind not in ("code", "markdown", "raw"):
        raise ContractError(f"{where} has the type {kind!r}, expected 'code', 'markdown' or 'raw'.")
    metadata = raw.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    known = frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()
    return Cell(
        number=number if kind == "code" and _INJECTED_TAG not in known else None,
        kind=cast(CellKind, kind),
        source=_source(raw.get("source"), where=where),
        tags=known,
        index=index,
        line=line,
    )


def _source(raw: object, *, where: str) -> str:
    """Join a cell's text, which the format allows as one string or as a list of lines; none is empty."""
    raw = "" if raw is None else raw
    if isinstance(raw, list) and all(isinstance(line, str) for line in raw):
        raw = "".join(raw)
    if not isinstance(raw, str):
        raise ContractError(f"{where}: 'source' is neither text nor a list of lines.")
    try:
        raw.encode("utf-8")
    except UnicodeEncodeError:
        raise ContractError(f"{where} holds half a character (a lone surrogate). Retype it.") from None
    return raw.replace("\r\n", "\n").replace("\r", "\n")


def _complete(raw: dict[str, Any], cell: Cell) -> dict[str, Any]:
    """Return a cell's JSON with all that the format asks for; see `Notebook.document`."""
    metadata = _objects(raw.get("metadata"))
    if "tags" in metadata:
        metadata["tags"] = sorted(cell.tags)
    made_anew: dict[str, Any] = {"outputs": [], "execution_count": None} if cell.kind == "code" else {}
    filled = {**_objects(raw, "attachments"), "metadata": metadata, "source": cell.source, **made_anew}
    if not isinstance(filled.get("id", ""), str):
        del filled["id"]
    return filled


def _objects(value: object, *names: str) -> dict[str, Any]:
    """Return a copy of a JSON object, without those of its members that should be objects and are not."""
    found = value if isinstance(value, dict) else {}
    return {name: item for name, item in found.items() if name not in names or isinstance(item, dict)}
