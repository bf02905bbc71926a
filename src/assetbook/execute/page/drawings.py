"""Outputs that draw themselves: what a frame of the page needs to do so without any network.

A frame is a document of its own, with an origin that nobody shares, so its scripts reach neither the page nor what
serves it. What is found here is what goes into the frame, and which libraries it needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from assetbook.execute.page.libraries import BOKEH, LIBRARIES, OPTIONAL, PLOTLY, VEGA, Library, within_script

PLOTLY_MIME = "application/vnd.plotly.v1+json"
VEGA_MIME = re.compile(r"application/vnd\.(vega|vegalite)\.v\d+(?:\+json|\.json)")
HEIGHT = 450  # pixels, of a figure that names none

_FIGURE = '<div style="width: 100%; height: {height}px"></div><script>{script}</script>'
_CHART = '<div style="width: 100%"></div><script>{script}</script>'
_HERE = "document.currentScript.previousElementSibling"
_ALTAIR = re.compile(r"\n\s*\}\)\((?=\{)")
# Outputs are anything: whatever one of these has begun to match, it reads no part of a text twice.
_ADDRESS = r"""(?:https?:)?//[^"'\s<>]++"""
_SCRIPT = re.compile(r"<script\b([^<>]*+)>(.*?)(?:</script\s*+>|\Z)", re.I | re.S)
_SOURCE = re.compile(rf"""(?:^|\s)src\s*+=\s*+["']?({_ADDRESS})""", re.I)
_IMPORT = re.compile(rf"""\bimport\s*+["']({_ADDRESS})["'];?""")  # only for what it does, not for a name
_IMPORTED = re.compile(rf"""\b(?:import\s*+\(\s*+|from\s*+)["']({_ADDRESS})["']""")
_SHEET = re.compile(rf"""<link\b[^<>]*?\shref\s*+=\s*+["']?{_ADDRESS}[^<>]*+>""", re.I)
_MEDIA = re.compile(
    rf"""<(?:iframe|img|embed|source|video|audio|object)\b[^<>]*?\s(?:src|data)\s*+=\s*+["']?({_ADDRESS})[^<>]*+>""",
    re.I,
)
_DATA_ADDRESS = re.compile(r'"url": "((?:https?:)?//[^"]+)"')
_UNSEEN = re.compile(
    r"<(script|style)\b[^<>]*+>.*?(?:</\1\s*+>|\Z)|<!--.*?(?:-->|\Z)|<(?:link|meta|!doctype)\b[^<>]*+>",
    re.I | re.S,
)


@dataclass(frozen=True)
class Drawing:
    """What goes into a frame.

    Attributes:
        content: HTML with its scripts.
        needs: the libraries that the scripts use.
        title: what it shows, if it says so.
        absent: addresses that it would fetch something from which it cannot do without.
        source: what it is drawn from, for when a library is missing.
    """

    content: str
    needs: tuple[Library, ...] = ()
    title: str = ""
    absent: tuple[str, ...] = ()
    source: Any = None

    @property
    def brings(self) -> tuple[Library, ...]:
        """The libraries that it has in itself."""
        return tuple(library for library in LIBRARIES if library.banner in self.content)

    @property
    def is_setup(self) -> bool:
        """Whether it shows nothing itself, and defines something for what follows in the notebook."""
        return "<script" in self.content.lower() and not _UNSEEN.sub("", self.content).strip()


def from_json(data: Mapping[str, Any]) -> Drawing | None:
    """Return the drawing of an output that comes as a description for plotly or Vega; None for others."""
    for mime, value in data.items():
        if mime == PLOTLY_MIME and isinstance(value, dict):
            return plotly(value)
        if (found := VEGA_MIME.fullmatch(mime)) and isinstance(value, dict):
            return vega(value, {"mode": {"vegalite": "vega-lite"}.get(found[1], "vega")})
    return None


def plotly(figure: Mapping[str, Any]) -> Drawing:
    """Return the drawing of a plotly figure."""
    layout = _mapping(figure.get("layout"))
    height = layout.get("height")
    shown = {name: figure[name] for name in ("data", "layout", "frames") if name in figure}
    shown["config"] = {"responsive": True, "displaylogo": False, **_mapping(figure.get("config"))}
    script = f"Plotly.newPlot({_HERE}, {_literal(shown)})"
    size = int(height) if isinstance(height, int | float) and 0 < height < 10_000 else HEIGHT
    title = layout.get("title")
    words = title.get("text") if isinstance(title, dict) else title
    return Drawing(_FIGURE.format(height=size, script=script), (PLOTLY,), _words(words), source={**figure})


def vega(spec: Mapping[str, Any], options: Mapping[str, Any]) -> Drawing:
    """Return the drawing of a chart of Vega or Vega-Lite."""
    given = {"actions": {"export": True, "source": False, "compiled": False, "editor": False}, **options}
    script = (
        f"vegaEmbed({_HERE}, {_literal(spec)}, {_literal(given)})"
        ".catch((error) => document.body.append(String(error)))"
    )
    title = spec.get("title")
    words = title.get("text") if isinstance(title, dict) else title
    absent = tuple(dict.fromkeys(_DATA_ADDRESS.findall(json.dumps(spec))))
    return Drawing(_CHART.format(script=script), (VEGA,), _words(words), absent, source={**spec})


def javascript(code: str) -> Drawing:
    """Return the drawing of a script as Jupyter runs it: `element` is where it may draw."""
    script = f"(function() {{ var element = {_HERE};\n{within_script(code)}\n}})()"
    return Drawing(_CHART.format(script=script), _used(code))


def from_html(html: str) -> Drawing:
    """Return the drawing of HTML with what it needs, and without what it would fetch."""
    if chart := _altair(html):
        return vega(*chart)
    asked = _Asked()
    content = _SCRIPT.sub(asked.script, _SHEET.sub("", html))
    content = _MEDIA.sub(asked.drop, content)
    if "srcdoc" in content:  # a document within, which is kept from fetching too
        _SCRIPT.sub(asked.script, unescape(content))
    needs = {**asked.needs, **dict.fromkeys(_used(content))}
    kept = tuple(library for library in needs if library.banner not in content)
    return Drawing(content, kept, absent=tuple(asked.absent))


class _Asked:
    """Collects what HTML would fetch, and takes it out."""

    def __init__(self) -> None:
        self.needs: dict[Library, None] = {}
        self.absent: dict[str, None] = {}

    def script(self, found: re.Match[str]) -> str:
        """Return a script element without what it fetches."""
        attributes, code = found.groups()
        if source := _SOURCE.search(attributes):
            return self.drop(source)
        self.absent |= dict.fromkeys(_IMPORTED.findall(code))
        kept = _IMPORT.sub(self.drop, code)
        return found[0] if kept == code else f"<script{attributes}>{kept}</script>"

    def drop(self, found: re.Match[str]) -> str:
        """Note the address of what is fetched; return what stands in its place."""
        address = found[1]
        if library := next((each for each in LIBRARIES if each.asked.search(address)), None):
            self.needs[library] = None
        elif not OPTIONAL.search(address):
            self.absent[address] = None
        return ""


def _altair(html: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the chart and the options in the page that Altair makes of it, whose script would fetch Vega."""
    if "vegaEmbed" not in html or not (call := _ALTAIR.search(html)):
        return None
    decoder = json.JSONDecoder()
    try:
        spec, end = decoder.raw_decode(html, call.end())
        options, _ = decoder.raw_decode(html, end + len(", "))
    except ValueError:
        return None
    return (spec, options) if isinstance(spec, dict) and isinstance(options, dict) else None


def _used(script: str) -> tuple[Library, ...]:
    return tuple(
        each for each in (PLOTLY, BOKEH, VEGA) if each.used.search(script) and each.banner not in script
    )


def _literal(data: Any) -> str:
    """Return data as JavaScript in a script element; numbers that are none are known to it, unlike to JSON."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _words(value: Any) -> str:
    """Return a title without the tags that plotly lets it have; Vega's may be of several lines."""
    text = " ".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else ""
    return re.sub(r"<[^>]*>", " ", text).strip()
