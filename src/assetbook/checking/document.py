"""Changing cells of a notebook file, and not one byte of the rest.

The file is not written anew from its JSON: indents, order of keys, escapes, ids, outputs and line ends stay as
whoever wrote them left them. The places of the cells in the text are found, and only the lines that change are
replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from json.decoder import scanstring  # type: ignore[attr-defined]

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"[^\s,\]}]+")


@dataclass(frozen=True)
class _Span:
    """A piece of the text: from a position up to another."""

    start: int
    end: int


def with_sources(content: bytes, sources: Mapping[int, str | None]) -> bytes:
    """Return a notebook's file with other sources in some of its cells.

    Args:
        content: of the file.
        sources: position of a cell to its new source; None deletes the cell.
    """
    text = content.decode("utf-8")
    spans = _cell_spans(text)
    for index in sorted(sources, reverse=True):
        source = sources[index]
        if source is None:
            text = _without(text, spans, index)
        else:
            span = _member(text, spans[index].start, "source")
            if span is not None:
                text = text[: span.start] + _rewritten(text, span, source) + text[span.end :]
    return text.encode("utf-8")


# ---- places


def _cell_spans(text: str) -> list[_Span]:
    cells = _member(text, _skip(text, 0), "cells")
    return list(_items(text, cells.start)) if cells else []


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _member(text: str, start: int, name: str) -> _Span | None:
    """Return where the value of an object's member stands; the last one of that name counts, as in JSON."""
    found: _Span | None = None
    for key, span in _members(text, start):
        if key == name:
            found = span
    return found


def _members(text: str, start: int) -> Iterator[tuple[str, _Span]]:
    position = _skip(text, start + 1)
    while text[position] != "}":
        key, position = scanstring(text, position + 1, False)
        position = _skip(text, _skip(text, position) + 1)  # past the colon
        end = _end(text, position)
        yield key, _Span(position, end)
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _items(text: str, start: int) -> Iterator[_Span]:
    position = _skip(text, start + 1)
    while text[position] != "]":
        end = _end(text, position)
        yield _Span(position, end)
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _end(text: str, position: int) -> int:
    """Return where the value at a position ends."""
    if text[position] == '"':
        end: int = scanstring(text, position + 1, False)[1]
        return end
    if text[position] in "{[":
        return _end_of_nested(text, position)
    found = _SCALAR.match(text, position)
    return found.end() if found else position


_NESTED = re.compile(r'["{}\[\]]')


def _end_of_nested(text: str, position: int) -> int:
    depth = 0
    while True:
        found = _NESTED.search(text, position)
        if found is None:
            return len(text)
        if found[0] == '"':
            position = scanstring(text, found.end(), False)[1]
            continue
        depth += 1 if found[0] in "{[" else -1
        position = found.end()
        if depth == 0:
            return position


# ---- changes


def _rewritten(text: str, span: _Span, source: str) -> str:
    """Return the JSON of a source in the form that the old one has: one text, or a list of lines."""
    old = json.loads(text[span.start : span.end], strict=False)
    ascii_only = text.isascii()
    if isinstance(old, str):
        return json.dumps(_with_line_ends(source, old), ensure_ascii=ascii_only)
    lines = _with_line_ends(source, "".join(old)).splitlines(keepends=True)
    places = list(_items(text, span.start))
    kept = [text[place.start : place.end] for place in places]
    if any(line.count("\n") > 1 or (line and not line.endswith("\n")) for line in old[:-1]):
        old, kept = [], []  # not one line to an item: written anew
    pieces: list[str] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, lines, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces += kept[i1:i2]
        else:
            pieces += [json.dumps(line, ensure_ascii=ascii_only) for line in lines[j1:j2]]
    if not pieces:
        return "[]"
    before, between, after = _layout(text, span, places)
    return "[" + before + between.join(pieces) + after + "]"


def _layout(text: str, span: _Span, places: list[_Span]) -> tuple[str, str, str]:
    """Return what stands before, between and after the items of a list."""
    if not places:
        return "", ", ", ""
    before = text[span.start + 1 : places[0].start]
    after = text[places[-1].end : span.end - 1]
    between = text[places[0].end : places[1].start] if len(places) > 1 else f",{before or ' '}"
    return before, between, after


def _with_line_ends(source: str, old: str) -> str:
    """Return a source with the line ends that the old one has."""
    return source.replace("\n", "\r\n") if "\r\n" in old else source


def _without(text: str, spans: list[_Span], index: int) -> str:
    """Return the text without a cell, and without the comma that it needs."""
    if index + 1 < len(spans):
        return text[: spans[index].start] + text[spans[index + 1].start :]
    if index:
        return text[: spans[index - 1].end] + text[spans[index].end :]
    return text[: spans[index].start] + text[spans[index].end :]
