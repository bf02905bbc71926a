"""From the outputs of a cell to what they are shown as: of each the best form that needs no network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from assetbook.execute.page.drawings import Drawing, from_html, from_json, javascript
from assetbook.execute.page.items import PICTURES, Failure, Frame, Html, Item, Note, Stream, Text, picture
from assetbook.execute.page.libraries import Library, Missing
from assetbook.execute.page.markup import plain
from assetbook.execute.page.text import terminal
from assetbook.execute.redact import strip_ansi

PLAIN_LIMIT = 1_000_000  # characters of an output's HTML; more is not taken apart but framed
PLAIN_TOTAL = 5_000_000  # of all outputs of a page
FOLDED_LIMIT = 20_000  # characters of a description that nothing draws

_BOKEH_LOADS = "application/vnd.bokehjs_load.v0+json"
_BOKEH_LOGO = "bk-notebook-logo"  # of the output that says that Bokeh is being loaded
_NO_WORDS = re.compile(r"<(?:IPython\.|Figure size )[^>]*>|alt\.[A-Z]\w*\(\.\.\.\)")
_IN_CELL = re.compile(r"(Cell(?:\x1b\[[\d;]*m|\s)*In\[)(\d+)(?=\])")


@dataclass(frozen=True)
class Place:
    """Where outputs stand.

    Attributes:
        cell: what their cell is called.
        topic: gives the heading that what follows is under, or nothing.
        markdown: makes HTML of Markdown there.
        numbers: the kernel's ``In [n]`` to the number of the cell, which are not the same if a cell was skipped.
    """

    cell: str
    topic: Callable[[], str]
    markdown: Callable[[str], Markup]
    numbers: Mapping[int, int]

    def label(self, what: str, title: str = "") -> str:
        """Return what an output is called."""
        about = title or self.topic()
        return f"{what} of {self.cell}: {about}" if about else f"{what} of {self.cell}"

    def traceback(self, output: Mapping[str, Any]) -> Markup:
        """Return the traceback of an error, without the rule above it."""
        parts = [_text(part) for part in output.get("traceback") or ()]
        told = "\n".join(part for part in parts if strip_ansi(part).strip("-\n "))
        return terminal(_IN_CELL.sub(self._renumber, told))

    def _renumber(self, found: re.Match[str]) -> str:
        return f"{found[1]}{self.numbers.get(int(found[2]), found[2])}"


@dataclass
class Outputs:
    """Finds what the outputs of a page are shown as, cell by cell.

    Attributes:
        parts: name to the HTML that frames begin with: libraries, and what an output has set up for later ones.
    """

    parts: dict[str, str] = field(default_factory=dict)
    _missing: dict[str, str] = field(default_factory=dict)  # library to the reason
    _setups: list[str] = field(default_factory=list)
    _brought: set[str] = field(default_factory=set)  # libraries that a setup has in itself
    _read: int = 0  # characters of HTML that were taken apart

    def of_cell(self, outputs: Sequence[Mapping[str, Any]], place: Place) -> list[Item]:
        """Return what the outputs of a cell are shown as; those that draw themselves share a frame."""
        scripted = any("application/javascript" in bundle for bundle in _bundles(outputs))
        formed = any("text/html" in bundle for bundle in _bundles(outputs))
        shown: list[Item] = []
        for output in outputs:
            for item in self._shown(output, place, together=scripted and formed):
                if isinstance(item, Frame) and shown and isinstance(last := shown[-1], Frame):
                    last.content += item.content
                    last.parts += [part for part in item.parts if part not in last.parts]
                else:
                    shown.append(item)
        return shown

    def _shown(self, output: Mapping[str, Any], place: Place, *, together: bool) -> Iterator[Item]:
        kind, data, metadata = output.get("output_type"), output.get("data"), output.get("metadata")
        if kind == "stream":
            yield Stream(str(output.get("name")), terminal(_text(output.get("text"))))
        elif kind == "error":
            yield Failure(str(output.get("ename")), str(output.get("evalue")), place.traceback(output))
        elif isinstance(data, dict):
            known = metadata if isinstance(metadata, dict) else {}
            yield from self._displayed(data, known, place, together=together)

    def _displayed(
        self, data: dict[str, Any], metadata: dict[str, Any], place: Place, *, together: bool
    ) -> Iterator[Item]:
        if _BOKEH_LOADS in data:  # the library comes from its package
            return
        drawing = from_json(data)
        if drawing is None and "text/html" in data:
            html = _text(data["text/html"])
            if _BOKEH_LOGO in html:
                return
            if not together and self._is_short(html):
                found = plain(html, label=place.label("Table"))
                if found.whole:
                    yield Html(found.html)
                    return
            drawing = from_html(html)
        elif drawing is None and "application/javascript" in data:
            drawing = javascript(code := _text(data["application/javascript"]))
            if not together and "element" not in code:  # it is there for what follows
                self._set_up(drawing)
                return
        if drawing is None:
            yield from _still(data, metadata, place)
        elif drawing.is_setup and not drawing.absent:
            self._set_up(drawing)
        else:
            yield from self._drawn(drawing, data, metadata, place)

    def _is_short(self, html: str) -> bool:
        self._read += len(html)
        return len(html) <= PLAIN_LIMIT and self._read <= PLAIN_TOTAL

    def _set_up(self, drawing: Drawing) -> None:
        """Keep an output that shows nothing, for the frames of later ones."""
        if drawing.content in self.parts.values():
            return
        name = f"setup-{len(self._setups) + 1}"
        self.parts[name] = drawing.content
        self._setups.append(name)
        self._brought.update(library.name for library in drawing.brings)

    def _drawn(
        self, drawing: Drawing, data: dict[str, Any], metadata: dict[str, Any], place: Place
    ) -> Iterator[Item]:
        """Give a frame, or why there is none and the output's other forms."""
        reasons = [reason for library in drawing.needs if (reason := self._lacks(library))]
        if not drawing.absent and not reasons:
            needs = [library.name for library in drawing.needs if library.name not in self._brought]
            title = place.label("Figure" if drawing.needs else "Output", drawing.title)
            yield Frame(title, [*needs, *self._setups], drawing.content)
            return
        if any(mime in data for mime in PICTURES):
            yield from _still(data, metadata, place)
            return
        source = json.dumps(drawing.source, indent=1, ensure_ascii=False) if drawing.source else ""
        if len(source) > FOLDED_LIMIT:
            source = f"{source[:FOLDED_LIMIT]}\n…"
        yield Note(" ".join([*_absent(drawing.absent), *reasons]), drawing.absent, source)
        words = _text(data.get("text/plain"))
        if words and not _NO_WORDS.fullmatch(words):
            yield Text(terminal(words))

    def _lacks(self, library: Library) -> str:
        """Return why a library is missing; where it is not, it is among the parts from now on."""
        name = library.name
        if name not in self.parts and name not in self._missing and name not in self._brought:
            try:
                self.parts[name] = library.part()
            except Missing as reason:
                self._missing[name] = str(reason)
        return self._missing.get(name, "")


def _still(data: Mapping[str, Any], metadata: Mapping[str, Any], place: Place) -> Iterator[Item]:
    """Give an output that is shown as it is."""
    mime = next((mime for mime in PICTURES if mime in data), None)
    if "text/markdown" in data:
        yield Html(place.markdown(_text(data["text/markdown"])))
    elif mime:
        yield picture(mime, _text(data[mime]), metadata, alt=place.label("Figure"))
    elif "text/plain" in data and not (
        "text/latex" in data and _NO_WORDS.fullmatch(_text(data["text/plain"]))
    ):
        yield Text(terminal(_text(data["text/plain"])))
    elif "text/latex" in data:
        yield Text(escape(_text(data["text/latex"])))
    elif "application/json" in data:
        yield Text(escape(json.dumps(data["application/json"], indent=1, ensure_ascii=False)))
    elif data:
        yield Note(f"This output is of a type that the page does not show: {', '.join(sorted(data))}.")


def _absent(addresses: Sequence[str]) -> Iterator[str]:
    """Give the sentence that says of whom an output asks something, if it does."""
    if addresses:
        places = ", ".join(dict.fromkeys(address.split("/")[2] for address in addresses))
        yield f"This output would load something from {places}; the page loads nothing from elsewhere."


def _bundles(outputs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    found = [output.get("data") for output in outputs]
    return [data for data in found if isinstance(data, dict) and _BOKEH_LOADS not in data]


def _text(value: Any) -> str:
    """Return text that the format allows as a list of lines too."""
    if isinstance(value, list):
        return "".join(map(str, value))
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)
