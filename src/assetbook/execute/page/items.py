"""What an output is shown as. The page's template has a form for each of these."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp")

_ADAPTS = ("prefers-color-scheme", "light-dark(")
_PNG_HEAD = 24  # bytes, which end with the size
_PNG_SIGN = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Stream:
    """Printed text."""

    kind = "stream"
    name: str
    text: Markup


@dataclass(frozen=True)
class Failure:
    """An exception."""

    kind = "failure"
    name: str
    value: str
    traceback: Markup


@dataclass(frozen=True)
class Html:
    """HTML that can only be read."""

    kind = "html"
    html: Markup


@dataclass(frozen=True)
class Text:
    """Text as it is."""

    kind = "text"
    text: Markup


@dataclass(frozen=True)
class Note:
    """Why an output is not shown, and what there is of it."""

    kind = "note"
    text: str
    links: tuple[str, ...] = ()
    source: str = ""


@dataclass
class Frame:
    """A document of its own: the names of the parts that it begins with, and its content."""

    kind = "frame"
    title: str
    parts: list[str]
    content: str

    @property
    def adapts(self) -> bool:
        """Whether it has colours for dark pages itself."""
        return any(word in self.content for word in _ADAPTS)


@dataclass(frozen=True)
class Picture:
    """A figure, with its size in pixels of the page where that is known."""

    kind = "picture"
    source: str
    alt: str
    width: int | None = None
    height: int | None = None


Item = Stream | Failure | Html | Text | Note | Frame | Picture


def picture(mime: str, data: str, metadata: Mapping[str, Any], *, alt: str) -> Picture:
    """Return a figure of an output.

    Args:
        mime: its type.
        data: SVG as text, others in base64.
        metadata: of the output; it says the size of a figure that has more pixels than it takes of the page.
        alt: the words for it if its metadata has none.
    """
    own = metadata.get(mime)
    facts = own if isinstance(own, dict) else metadata
    if mime == "image/svg+xml":
        data = base64.b64encode(data.encode("utf-8", "xmlcharrefreplace")).decode("ascii")
    words = facts.get("alt")
    source = f"data:{mime};base64,{''.join(data.split())}"
    size = _pixels(facts.get("width")), _pixels(facts.get("height"))
    if size == (None, None) and mime == "image/png":
        size = _png_size(data)
    return Picture(source, words if isinstance(words, str) and words else alt, *size)


def _pixels(value: Any) -> int | None:
    return round(value) if isinstance(value, int | float) and 0 < value < 100_000 else None


def _png_size(data: str) -> tuple[int | None, int | None]:
    with suppress(binascii.Error, ValueError):
        head = base64.b64decode(data[: _PNG_HEAD * 4 // 3])
        if head.startswith(_PNG_SIGN) and len(head) == _PNG_HEAD:
            return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    return None, None
