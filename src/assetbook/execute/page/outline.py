"""Headings: their order, their addresses, and the list of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup

_HEADING = re.compile(r'<h([1-6])(?: id="([^"]*)")?[^>]*>(.*?)</h\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_TAKEN = re.compile(r"cell-\d+|parameters|main|contents|part-.*|frame-.*|all-code")  # by the page itself
DEEPEST = 6


@dataclass(frozen=True)
class Entry:
    """A heading in the list of contents; the level counts from 2, since the page's title is the first."""

    level: int
    text: Markup
    anchor: str


@dataclass
class Outline:
    """The headings of a page, given level and address as it is read from top to bottom.

    Authors choose levels by size; in the page none is left out on the way down, and only the title has the first.
    """

    entries: list[Entry] = field(default_factory=list)
    _lift: int = 1
    _used: set[str] = field(default_factory=set)

    def begin(self, texts: Iterable[str]) -> None:
        """Look at all texts, to know the highest level that the author has used."""
        levels = [int(found[1]) for text in texts for found in _HEADING.finditer(text)]
        self._lift = 2 - min(levels, default=2)

    @property
    def topic(self) -> str:
        """The heading that what follows stands under."""
        return str(self.entries[-1].text.striptags()) if self.entries else ""

    def anchor(self, wanted: str) -> str:
        """Return an id that nothing else in the page has."""
        wanted = "-".join(wanted.split()) or "section"
        name = wanted if not _TAKEN.fullmatch(wanted) else f"section-{wanted}"
        number = 1
        while name in self._used:
            number += 1
            name = f"{wanted}-{number}"
        self._used.add(name)
        return name

    def settle(self, html: Markup) -> Markup:
        """Return a text with its headings in order; they are in the list from now on."""
        return Markup(_HEADING.sub(self._heading, str(html)))

    def _heading(self, found: re.Match[str]) -> str:
        before = self.entries[-1].level if self.entries else 1
        level = max(2, min(int(found[1]) + self._lift, before + 1, DEEPEST))
        words = Markup(_TAG.sub("", found[3]).strip())
        anchor = found[2] or Markup.escape(self.anchor(words.unescape()))
        self.entries.append(Entry(level, words, str(Markup(anchor).unescape())))
        return f'<h{level} id="{anchor}">{found[3]}</h{level}>'
