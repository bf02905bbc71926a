from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from bleach._vendor import html5lib  # reads HTML as browsers do
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from assetbook.execute.page import markup
from assetbook.execute.page.markup import Plain, plain

ATTRIBUTES = {"aria-label", "class", "href", "rel", "role", "style", "src", "alt", "width", "height", "id"}


def read(html: str) -> Plain:
    return plain(html, label="Table of cell 1")


def written(html: str) -> Plain:
    """Read it as a text cell."""
    return plain(html, label="Table", anchor=lambda name: f"own-{name}")


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<math><mi><style><img src=x onerror=alert(1)></style></mi></math>",
        "<style>body { display: none }</style>",
        "<iframe src='javascript:alert(1)'></iframe>",
        "<object data='x'></object>",
        "<template><b>x</b></template>",
        "<script>alert(1)",
    ],
)
def test_what_acts_is_gone_with_what_is_in_it(html: str) -> None:
    assert read(html) == Plain(markup.Markup(""), whole=False)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<b onclick=alert(1)>x</b>", "<b>x</b>"),
        ("<p style='position: fixed; top: 0'>x</p>", "<p>x</p>"),
        ("<form action=/graphql><button>x</button></form>", "x"),
        ("<base href=//evil.example><meta http-equiv=refresh content=0>x", "x"),
        ("<plaintext>x", "x"),
        ("a < b, <b", "a &lt; b, &lt;b"),
        ("<b/onclick=alert(1)>x", "&lt;b/onclick=alert(1)&gt;x"),
        ("<center><font color=red>x</font></center>", "x"),
    ],
)
def test_what_is_lost_is_told(html: str, left: str) -> None:
    assert read(html) == Plain(markup.Markup(left), whole=False)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p class=a id=b data-c=d>x &amp; y &lt;z</p>", "<p>x &amp; y &lt;z</p>"),
        ("<!-- <b> --><?xml?><!doctype html>x", "x"),
        ("<ul><li>x<li>y</ul>", "<ul><li>x<li>y</li></li></ul>"),
        ("</div></main></body>x<div><p><b>y", "x<div><p><b>y</b></p></div>"),
        ("<a title='a>b' href=https://x.example/?a=1&amp;b=2>x</a>",
         '<a title="a&gt;b" href="https://x.example/?a=1&amp;b=2" rel="noopener noreferrer">x</a>'),
        ("<<b>x</b>", "&lt;<b>x</b>"),
        ("<a href='javascript:alert(1)'>x</a>", "<a>x</a>"),
        ("<a href=' &#106;avascript:alert(1)'>x</a>", "<a>x</a>"),
        ("<a href='/graphql?query=x'>x</a>", "<a>x</a>"),
        ("<a href='#top'>x</a>", "<a>x</a>"),
        ("<h1>x</h1>", '<p class="heading">x</p>'),
        ("<img src=x onerror=alert(1) alt='a plot'>", "a plot"),
        ("<img src='data:image/png;base64,AAAA' width=3>",
         '<img src="data:image/png;base64,AAAA" alt="picture" width="3">'),
        ("<img src='data:text/html,<script>' alt=x>", "x"),
        ("<img src=//x.example/a.png>",
         '<a href="https://x.example/a.png" rel="noopener noreferrer">picture (not loaded: https://x.example/a.png)</a>'),
        ("<td style='text-align:RIGHT'>x", "<td>x</td>"),
        ("<td style=' text-align: right;' colspan=2>x", '<td style="text-align: right" colspan="2">x</td>'),
    ],
)  # fmt: skip
def test_what_can_only_be_read_stays(html: str, left: str) -> None:
    found = read(html)
    assert found.html == left
    assert found.whole is ("RIGHT" not in html)


def test_texts_keep_their_headings_and_addresses() -> None:
    html = '<h2 id=a>x</h2><a name=b></a><a href="#c">y</a><input type=checkbox checked disabled>z'
    assert written(html).html == '<h2 id="own-a">x</h2><a id="own-b"></a><a href="#c">y</a>☑ z'
    assert written('<span class="kn">import</span>').html == '<span class="kn">import</span>'
    assert written('<span class="cell failed">x</span>').html == "<span>x</span>"


@pytest.mark.parametrize(
    "frame", [pd.DataFrame({"a": [1.5], "b": ["<x>"]}), pl.DataFrame({"a": [1.5], "b": ["<x>"]})]
)
def test_frames_are_tables_that_scroll_by_themselves(frame: pd.DataFrame | pl.DataFrame) -> None:
    found = read(frame._repr_html_())
    tree = BeautifulSoup(found.html, "html.parser")
    assert found.whole
    assert tree.select_one(".wide[role=group]")["aria-label"] == "Table of cell 1"
    assert "<x>" in tree.select("td")[-1].get_text()
    assert not tree.select("style, [class]:not(.wide)")
    assert all(head.get_text() for head in tree.select("th"))


def test_a_styled_frame_is_not_plain() -> None:
    assert not read(pd.DataFrame({"a": [1]}).style.highlight_max().to_html()).whole


def test_nothing_takes_long() -> None:
    for piece in (
        "<a ",
        '<a b="',
        "<!--",
        "<script>",
        "<div>",
        "<td a=b ",
        "<",
        "&",
        "<style>{",
        "<img src=//",
    ):
        read(piece * 50_000)


PIECES = """
< > " ' = / & &lt; &#60; x <b> </b> <p> </p> <div> </div> <table> </table> <td> </tr> <a/href=x> </a> <li> <h2>
<script> </script> <style> </style> <svg> </svg> <math> <mi> <!-- --> <!--> <![CDATA[ ]]> <title> </title> </main>
<textarea> <plaintext> <select> <option> <noscript> </noscript> <template> <iframe> <form> </form> <button> </body>
<frameset> <img/src=x> onerror=alert(1) style=position:fixed href=javascript:x src=data:image/png;
"""
TAGS = [
    "<img src=x onerror=x>",
    '<a href="javascript:x">',
    "<p style='x'>",
    " ",
    "<a href=https://x>",
    "<a id=x ",
]
FRAGMENTS = st.sampled_from([*PIECES.split(), *TAGS])


@settings(max_examples=400)
@given(st.lists(FRAGMENTS, max_size=14), st.booleans())
def test_whatever_is_read_is_harmless_and_stays_in_its_place(pieces: list[str], text: bool) -> None:
    html = (written if text else read)("".join(pieces)).html
    page = f"<!DOCTYPE html><main><div id=in>{html}</div><p id=after>z</p></main>"
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    inside = tree.find(".//div[@id='in']")
    after = next(e for e in tree.iter() if isinstance(e.tag, str) and e.get("id") == "after")
    main = tree.find(".//main")
    assert inside in list(main)
    assert after in list(main)
    for element in inside.iter():
        assert element.tag in markup._KNOWN
        assert set(element.keys()) <= ATTRIBUTES | markup._KEPT
        assert not (element.get("href") or "#").lower().startswith(("javascript", "data", "/"))
        assert (element.get("src") or "data:image/").startswith("data:image/")


def test_the_list_of_tags_has_none_that_acts(tmp_path: Path) -> None:
    acting = {
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "button",
        "base",
        "meta",
        "link",
        "svg",
    }
    assert not acting & markup._KNOWN
