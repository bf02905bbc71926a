"""Text as HTML: code with its colours, what a cell has printed with those of a terminal, Markdown."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from assetbook.execute.page.markup import plain
from assetbook.execute.redact import strip_ansi
from assetbook.imports import IRI_GRAMMAR, without

LONG = 200_000  # characters of code or Markdown; more is shown as it is

_COLOURS = 5_000  # changes of colour in one text; the converter takes quadratic time
_STYLE = re.compile(r' style="([^"]*)"')
_COLOUR = re.compile(r"(?<!-)color: rgb\((\d+),(\d+),(\d+)\)")
_HUES = (
    (25, "red"),
    (75, "yellow"),
    (165, "green"),
    (200, "cyan"),
    (260, "blue"),
    (330, "magenta"),
    (361, "red"),
)
_GREY = 0.25  # saturation below which a colour is none


def terminal(text: str) -> Markup:
    """Return printed text with the colours that it sets, each as the nearest basic one.

    Basic colours can be read on a light page and on a dark one; what a program chose for its terminal cannot.
    """
    if "\x1b[" not in text:
        return escape(text)
    if text.count("\x1b[") > _COLOURS:
        return escape(strip_ansi(text))
    return Markup(_STYLE.sub(_basic, str(_converters().ansi.ansi2html(text))))


def _basic(style: re.Match[str]) -> str:
    found = _COLOUR.search(style[1])
    if not found:
        return ""
    hue, _, saturation = colorsys.rgb_to_hls(*(int(part) / 255 for part in found.groups()))
    return "" if saturation < _GREY else f' data-hue="{next(name for end, name in _HUES if hue * 360 < end)}"'


def code(source: str, language: str, *, line: int | None = None) -> Markup:
    """Return code with its colours.

    Args:
        source: the code.
        language: what Pygments calls it.
        line: one to mark, from 1.
    """
    if len(source) > LONG:
        return escape(source)
    from pygments import formatters, highlight  # type: ignore[import-untyped]

    formatter = formatters.HtmlFormatter(nowrap=True, hl_lines=[line] if line else [])
    return Markup(highlight(source, _lexer(language), formatter))


@cache
def _lexer(language: str) -> Any:
    from pygments import lexers, util

    exact = {"stripnl": False}  # empty lines at the start count
    if language in ("ipython3", "ipython", "python"):
        from ipython_pygments_lexers import IPython3Lexer  # type: ignore[import-untyped]

        return IPython3Lexer(**exact)
    try:
        return lexers.get_lexer_by_name(language, **exact)
    except util.ClassNotFound:
        return lexers.TextLexer(**exact)


def markdown(
    source: str, *, label: str, anchor: Callable[[str], str], attachments: Mapping[str, Any]
) -> Markup:
    """Return Markdown as HTML that can only be read.

    Args:
        source: the Markdown.
        label: what a table in it is called.
        anchor: gives the id in the page for one that the author has set.
        attachments: of the cell: name to its forms.
    """
    if len(source) > LONG:
        return Markup("<pre>{}</pre>").format(source)
    return plain(_to_html(source, attachments), label=label, anchor=anchor).html


def _to_html(source: str, attachments: Mapping[str, Any]) -> str:
    known = {name: forms for name, forms in attachments.items() if isinstance(forms, dict) and forms}
    source = re.sub(r"\(attachment:([^)\s]+)", lambda m: m[0] if m[1] in known else f"({m[1]}", source)
    mistune = _converters().markdown_mistune
    renderer = mistune.IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=known)
    return str(mistune.MarkdownWithMath(renderer=renderer).render(source))


@cache
def _converters() -> Any:
    """Return nbconvert's converters; to import them takes longer than to use them."""
    with without(IRI_GRAMMAR):
        from nbconvert import filters
        from nbconvert.filters import ansi, markdown_mistune  # noqa: F401 - they are looked up in `filters`

    return filters
