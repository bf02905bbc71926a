"""HTML that others have written, as HTML that can only be read.

It is taken apart and put together anew from the tags and attributes listed here, every tag closed: what is not known
does not come through, so that it makes no difference how a browser would have understood it. Scripts and styles are
dropped; links lead to web and mail addresses; a picture is in the page itself, or a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape, unescape

from markupsafe import Markup


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KNOWN = _words(
    "a abbr b bdi bdo br cite code del dfn em i ins kbd mark q s samp small span strong sub sup u var wbr "
    "blockquote dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr img li ol p pre summary ul "
    "caption col colgroup table tbody td tfoot th thead tr"
)
_HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_EMPTY = _words("br col hr img wbr")
# what is between these tags is no text
_HIDDEN = _words(
    "audio canvas iframe math noscript object script select style svg template textarea title video"
)
_KEPT = _words("colspan rowspan span start value scope title lang dir open")
_HARMLESS = _words("border cellpadding cellspacing class id name role rel target type")
_NAME = r"[^\s\"'<>/=]++"
_VALUE = r"""(?:"[^"]*+"|'[^']*+'|[^\s"'<>]++)"""
_TOKEN = re.compile(
    rf"<!--.*?(?:-->|\Z)|<[!?][^>]*+>|<(/?)([a-zA-Z][a-zA-Z0-9-]*+)((?:\s++{_NAME}(?:\s*+=\s*+{_VALUE})?+)*+)\s*+/?>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rf"({_NAME})(?:\s*+=\s*+({_VALUE}))?+")
_TAG_LIKE = re.compile(r"<[a-zA-Z/]")
_ALIGNED = re.compile(r"\s*text-align:\s*(left|right|center)\s*;?\s*")
_RULE = re.compile(r"([^{}]+)\{[^{}]*\}")
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|bmp|svg\+xml)[;,]", re.IGNORECASE)
_CODE_CLASS = re.compile(r"highlight|math|[a-z]{1,2}\d?")
_WEB = ("https://", "http://", "//")
_DEPTH = 100
_STYLE_LIMIT = 5_000  # characters; what pandas and Polars say of their tables is shorter


@dataclass(frozen=True)
class Plain:
    """HTML that can only be read.

    Attributes:
        html: the HTML.
        whole: whether nothing is lost of what the given HTML showed.
    """

    html: Markup
    whole: bool


def plain(html: str, *, label: str, anchor: Callable[[str], str] | None = None) -> Plain:
    """Return HTML without all that acts, or that changes how the page around it looks.

    Args:
        html: from a notebook.
        label: what a table in it is called.
        anchor: gives an id that is unique in the page for one that the author has set. Without it the HTML has no ids,
            no links within the page, and no headings, which become bold lines.
    """
    reader = _Reader(label, anchor)
    reader.read(html.replace("<th></th>", "<td></td>"))  # the corner of pandas' tables heads nothing
    return Plain(Markup("".join(reader.out)), reader.whole)


class _Reader:
    """Takes HTML apart, and puts together what is left of it."""

    def __init__(self, label: str, anchor: Callable[[str], str] | None) -> None:
        self.out: list[str] = []
        self.whole = True
        self._label = escape(label)
        self._anchor = anchor
        self._open: list[tuple[str, str]] = []  # tag, and what closes it

    def read(self, html: str) -> None:
        position = 0
        while token := _TOKEN.search(html, position):
            self._text(html[position : token.start()])
            position = token.end()
            if tag := (token[2] or "").lower():
                if token[1]:
                    self._end(tag)
                elif tag in _HIDDEN:
                    position = self._skip(tag, html, position)
                else:
                    self._start(tag, token[3])
        self._text(html[position:])
        while self._open:
            self.out.append(self._open.pop()[1])

    def _text(self, text: str) -> None:
        if "<" in text or ">" in text:
            self.whole = self.whole and not _TAG_LIKE.search(text)
            text = text.replace("<", "&lt;").replace(">", "&gt;")
        self.out.append(text)

    def _skip(self, tag: str, html: str, position: int) -> int:
        """Return where the content of a tag that is not shown ends; the style of frames' tables is ours anyway."""
        end = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(html, position)
        if not (tag == "style" and end and _styles_tables(html[position : end.start()])):
            self.whole = False
        return end.end() if end else len(html)

    def _start(self, tag: str, attributes: str) -> None:
        if tag == "input" and self._anchor:  # of a task list
            self.out.append("☑ " if "checked" in attributes else "☐ ")
        elif tag not in _KNOWN or len(self._open) >= _DEPTH or (tag == "a" and self._is_open("a")):
            self.whole = False
        elif tag == "img":
            self._picture(dict(_attributes(attributes)))
        elif tag in _EMPTY:
            self.out.append(f"<{tag}{''.join(self._kept(tag, attributes))}>")
        else:
            self._begin(tag, "".join(self._kept(tag, attributes)) if attributes else "")

    def _begin(self, tag: str, attributes: str) -> None:
        shown, closing = f"<{tag}{attributes}>", f"</{tag}>"
        if tag == "table" and not self._is_open("table"):
            shown, closing = (
                f'<div class="wide" role="group" aria-label="{self._label}">{shown}',
                f"{closing}</div>",
            )
        elif self._anchor is None and tag in _HEADINGS:
            shown, closing = '<p class="heading">', "</p>"
        self.out.append(shown)
        self._open.append((tag, closing))

    def _end(self, tag: str) -> None:
        if self._open and (self._open[-1][0] == tag or self._is_open(tag)):
            while self._open:
                found, closing = self._open.pop()
                self.out.append(closing)
                if found == tag:
                    return

    def _is_open(self, tag: str) -> bool:
        return any(found == tag for found, _ in self._open)

    def _kept(self, tag: str, attributes: str) -> Iterator[str]:
        for name, value in _attributes(attributes):
            if name in _KEPT:
                yield f' {name}="{escape(value)}"'
            elif name == "style":
                if aligned := _ALIGNED.fullmatch(value):
                    yield f' style="text-align: {aligned[1]}"'
                else:
                    self.whole = False
            elif name == "href" and tag == "a":
                yield from self._link(value)
            elif name in ("id", "name") and self._anchor:
                yield f' id="{escape(self._anchor(value))}"'
            elif name == "class" and self._anchor and _CODE_CLASS.fullmatch(value):
                yield f' class="{value}"'
            elif name not in _HARMLESS and not name.startswith(("data-", "aria-")):
                self.whole = False

    def _link(self, address: str) -> Iterator[str]:
        address = address.strip()
        if address.lower().startswith(("https://", "http://", "mailto:")):
            yield f' href="{escape(address)}" rel="noopener noreferrer"'
        elif address.startswith("#") and self._anchor:
            yield f' href="{escape(address)}"'

    def _picture(self, attributes: dict[str, str]) -> None:
        source, words = attributes.get("src", "").strip(), attributes.get("alt", "")
        size = "".join(
            f' {n}="{attributes[n]}"' for n in ("width", "height") if attributes.get(n, "").isdecimal()
        )
        if _PICTURE.match(source):
            self.out.append(f'<img src="{escape(source)}" alt="{escape(words or "picture")}"{size}>')
        elif source.lower().startswith(_WEB) and not self._is_open("a"):
            address = f"https:{source}" if source.startswith("//") else source
            words = f"{words or 'picture'} (not loaded: {address})"
            self.out.append(f'<a href="{escape(address)}" rel="noopener noreferrer">{escape(words)}</a>')
        else:
            self.out.append(escape(words or f"picture: {source[:200]}"))


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for match in _ATTRIBUTE.finditer(text):
        value = match[2] or ""
        if value[:1] in ('"', "'"):
            value = value[1:-1]
        yield match[1].lower(), unescape(value)


def _styles_tables(css: str) -> bool:
    """Whether a style says only how the tables of pandas and Polars look."""
    if len(css) > _STYLE_LIMIT:
        return False
    selectors = [selector.strip() for rule in _RULE.finditer(css) for selector in rule[1].split(",")]
    return all(selector.startswith(".dataframe") for selector in selectors) and not _RULE.sub("", css).strip()
