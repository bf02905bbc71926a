"""Descriptions: Markdown that others have written, as HTML that can do nothing.

HTML in it is shown as text, links lead to web and mail addresses only, and pictures, which a browser would fetch,
become the words that stand for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LINKS = ("https://", "http://", "mailto:")
_BELOW = 2  # a description's first heading stands below two of the page


def to_html(text: str) -> str:
    """Return Markdown as HTML."""
    return str(_parser().render(text))


def inline_html(text: str) -> str:
    """Return one line of Markdown as HTML, without a paragraph around it."""
    return str(_parser().renderInline(" ".join(text.split())))


def first_line(text: str) -> str:
    """Return the first paragraph of Markdown as plain text."""
    tokens = _parser().parse(text)
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and token.type == "inline":
            return _plain(token.children or [])
    return ""


def _plain(tokens: Sequence[Token]) -> str:
    words = (" " if token.type in ("softbreak", "hardbreak") else token.content for token in tokens)
    return " ".join("".join(words).split())


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    class _Careful(MarkdownIt):
        def validateLink(self, url: str) -> bool:  # noqa: N802 - its name in the library
            return url.lower().startswith(_LINKS)

    parser = _Careful("commonmark", {"html": False}).enable("table")
    rules: dict[str, Callable[..., str]] = {
        "image": _alternative,
        "heading_open": _lower,
        "heading_close": _lower,
        "link_open": _outside,
        "th_open": _unstyled,
        "td_open": _unstyled,
        "table_open": _scrolling,
        "table_close": _scrolling,
    }
    for rule, function in rules.items():
        parser.add_render_rule(rule, function)
    return parser


def _alternative(_renderer: Any, tokens: Sequence[Token], index: int, *_more: Any) -> str:
    from html import escape

    return escape(tokens[index].content)


def _lower(_renderer: Any, tokens: Sequence[Token], index: int, *_more: Any) -> str:
    level = min(int(tokens[index].tag[1:]) + _BELOW, 6)
    return f"<h{level}>" if tokens[index].nesting > 0 else f"</h{level}>\n"


def _outside(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer")
    return str(renderer.renderToken(tokens, index, options, env))


def _unstyled(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Leave out how a column is aligned: the pages allow no styles but their own."""
    tokens[index].attrs.pop("style", None)
    return str(renderer.renderToken(tokens, index, options, env))


def _scrolling(_renderer: Any, tokens: Sequence[Token], index: int, *_more: Any) -> str:
    opened = '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>'
    return opened if tokens[index].nesting > 0 else "</table></div>\n"
