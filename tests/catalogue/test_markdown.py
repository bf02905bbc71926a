from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from assetbook.catalogue.markdown import first_line, inline_html, to_html

HARMLESS = {"a", "p", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "div"}
HARMLESS |= {"h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"href", "title", "rel", "class", "start", "tabindex", "role", "aria-label"}
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:x)",
    "[click](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](https://example.org/track.png)",
    '![" onerror="alert(1)](x)',
    '[a](https://a.b "\\" onclick=\\"alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    "```html\n<script>alert(1)</script>\n```",
    "| a |\n|---|\n| <svg onload=alert(1)> |",
    "</div></main><iframe src=//example.org>",
]


def nothing_happens(html: str) -> bool:
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        if tag.name not in HARMLESS or not set(tag.attrs) <= ATTRIBUTES:
            return False
        if tag.name == "a" and not str(tag.get("href")).startswith(("https://", "http://", "mailto:")):
            return False
    return True


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_description_can_do_nothing(attack):
    assert nothing_happens(to_html(attack))
    assert nothing_happens(inline_html(attack))


@given(st.text(alphabet=st.sampled_from("<>\"'&[]()!`*_#|\\:/ \nabjscript=on-"), max_size=60))
def test_no_text_becomes_more_than_text(text):
    assert nothing_happens(to_html(text))


def test_what_markdown_is_for_is_shown():
    html = to_html(
        "# Flights\n\nAll *that* left, see [here](https://example.org).\n\n| a | b |\n|--:|---|\n| 1 | 2 |"
    )

    page = BeautifulSoup(html, "html.parser")
    assert page.h3.text == "Flights"  # below the headings of the page
    assert page.em.text == "that"
    assert page.a["href"] == "https://example.org"
    assert [cell.text for cell in page.find_all("td")] == ["1", "2"]


def test_a_picture_becomes_its_words():
    assert to_html("![Delays & more](https://example.org/x.png)") == "<p>Delays &amp; more</p>\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("**Late** and\n*early* `ones`.\n\nMore.", "Late and early ones."),
        ("# Title\n\nThe text.", "The text."),
        ("", ""),
        ("- a list", "a list"),
        ("<b>x</b>", "<b>x</b>"),
    ],
)
def test_the_first_line_is_plain(text, line):
    assert first_line(text) == line
