from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from assetbook.errors import RunError
from assetbook.execute.html import Fact, page, prepare, render
from tests.execute.page.notebooks import Cell, code, error, failed, page_of, printed, prose, ran, shown, write

PNG = "iVBORw0KGgoAAAANSUhEUgAABEgAAAM6CAYAAACSNnaS"  # begins a picture of 1096 by 826 pixels


def cells() -> list[Cell]:
    outputs = [
        printed("a < b\n"),
        printed("\x1b[31mwarned\x1b[0m\n", "stderr"),
        shown({"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "poorer"}),
        shown({"image/png": PNG, "text/plain": "poorer"}, **{"image/png": {"width": 548, "height": 413}}),
        shown({"image/png": PNG}),
        shown({"image/svg+xml": "<svg></svg>"}),
        shown({"text/markdown": "*soft*"}),
        shown({"text/latex": "$a<b$", "text/plain": "<IPython.core.display.Math object>"}),
        shown({"application/json": {"a": "<b>"}}),
        shown({"application/vnd.of.mine": "x"}),
        {"output_type": "execute_result", "data": {"text/plain": "42"}, "metadata": {}, "execution_count": 1},
    ]
    return [
        prose("# Delays & more\n\nWith $x^2$ and a [link](https://example.org)."),
        ran("x = 1", tags=["parameters"]),
        ran("x = 2", tags=["injected-parameters"]),
        prose("## By hour"),
        ran("\n# the figures\nx < 3", *outputs, seconds=200),
        code("1", tags=["skip"], exception=None, status="skipped"),
        failed(
            "\nx = 1\n1 / 0",
            error("ZeroDivisionError", "by zero", "---", "\x1b[36mCell\x1b[39m In[3], line 2", "by <zero>"),
        ),
        code("3", exception=None, status="pending", duration=None),
    ]


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def words(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text().split())


def texts(tree: BeautifulSoup | Tag, selector: str) -> list[str]:
    return [words(tag) for tag in tree.select(selector)]


def test_the_page_shows_everything_and_loads_nothing(tmp_path: Path) -> None:
    facts: dict[str, Fact] = {"status": "failure", "asset": "delays", "parameters": "x = <2>"}
    to = tmp_path / "nb.html"
    render(write(tmp_path / "nb.ipynb", *cells()), to, title="Delays <1h>", facts=facts)
    text = to.read_text()
    tree = soup(text)
    loads = [tag[name] for name in ("src", "href") for tag in tree.select(f"[{name}]:not(a)")]
    assert all(str(url).startswith("data:") for url in loads)
    assert not re.search(r"mathjax|require\.js|cdn", text, re.IGNORECASE)
    assert "default-src 'none'" in str(tree.select_one("meta[http-equiv]"))
    assert texts(tree, "h1") == ["Delays <1h>"]
    assert texts(tree, ".facts dt") == ["asset", "parameters"]
    assert texts(tree, ".facts dd") == ["delays", "x = <2>"]
    shown = texts(tree, ".outputs")[0]
    assert shown.startswith(
        'a < b warned 1 soft $a<b$ { "a": "<b>" } This output is of a type that the page does not'
    )
    assert shown.endswith("application/vnd.of.mine. 42")
    assert "poorer" not in text
    assert "\x1b" not in text
    assert [p.name for p in tmp_path.glob("*.part")] == []


def test_cells_say_what_became_of_them(tmp_path: Path) -> None:
    tree = soup(page_of(tmp_path, *cells()))
    assert [cell["id"] for cell in tree.select(".cell")] == [
        "cell-1",
        "parameters",
        "cell-2",
        "cell-3",
        "cell-4",
        "cell-5",
    ]
    assert texts(tree, ".code > summary") == [
        "Cell 1 x = 1 0.25 s",
        "The parameters of this run 0.25 s",
        "Cell 2 # the figures 3 min 20 s",
        "Cell 3 1 skipped",
        "Cell 4 x = 1 failed in line 3 1.50 s",
        "Cell 5 3 not run",
    ]
    assert [code.find_parent(class_="cell")["id"] for code in tree.select(".code[open]")] == ["cell-4"]
    assert texts(tree, "#cell-4 .hll") == ["1 / 0"]
    assert texts(tree, ".banner") == ["Cell 4 failed, line 3: ZeroDivisionError: by zero"]
    assert tree.select_one(".banner a")["href"] == "#cell-4"
    assert texts(tree, ".failure pre") == ["Cell In[4], line 2 by <zero>"]


def test_figures_have_the_size_that_they_are_meant_to_have(tmp_path: Path) -> None:
    found = soup(page_of(tmp_path, *cells())).select("figure img")
    assert [(image.get("width"), image.get("height")) for image in found] == [
        ("548", "413"),  # drawn with twice the pixels
        ("1096", "826"),  # its own
        (None, None),
    ]
    assert {image["alt"] for image in found} == {"Figure of cell 2: By hour"}
    assert [str(image["src"])[:26] for image in found] == ["data:image/png;base64,iVBO"] * 2 + [
        "data:image/svg+xml;base64,"
    ]


def test_the_words_for_a_figure_may_be_its_author_s(tmp_path: Path) -> None:
    figure = shown({"image/png": PNG}, **{"image/png": {"alt": 'A "quoted" <plot>'}})
    assert soup(page_of(tmp_path, ran("1", figure))).img["alt"] == 'A "quoted" <plot>'


def test_a_notebook_that_was_never_run_shows_its_code(tmp_path: Path) -> None:
    tree = soup(page_of(tmp_path, prose("# Delays"), code("x = 1"), code("x")))
    assert len(tree.select(".code[open]")) == 2
    assert texts(tree, ".code > summary") == ["Cell 1 x = 1", "Cell 2 x"]
    assert not tree.select(".standing span")


@pytest.mark.parametrize(
    ("source", "title", "expected"),
    [
        ("# Delays\n\nA text.\n\n## More", "Delays", ["1 Delays", "2 More", "3 Later"]),
        ("![logo](data:,)\n\n## Delays of `UA` ##\nA text.", "Delays of `UA`", ["1 Delays of UA", "2 Later"]),
        ("A text.", "delays", ["1 delays", "2 Later"]),
        ("# Delays", "delays", ["1 delays", "2 Delays", "3 Later"]),
    ],
)
def test_the_title_is_shown_once_and_no_level_is_left_out(
    tmp_path: Path, source: str, title: str, expected: list[str]
) -> None:
    tree = soup(page_of(tmp_path, prose(source), code("1"), prose("#### Later"), title=title))
    assert [f"{tag.name[1]} {words(tag)}" for tag in tree.select("h1, h2, h3, h4, h5, h6")] == expected
    assert ("A text." in source) == ("A text." in tree.get_text())


def test_long_notebooks_have_contents(tmp_path: Path) -> None:
    headings = ["# Delays", "## By `hour`", "### A & B", "## By hour", "## cell-1"]
    tree = soup(page_of(tmp_path, *(prose(heading) for heading in headings), code("1")))
    assert texts(tree, "nav li") == ["By hour", "A & B", "By hour", "cell-1"]
    addresses = [str(link["href"]) for link in tree.select("nav li a")]
    assert addresses == ["#By-hour", "#A-&-B", "#By-hour-2", "#section-cell-1"]
    for address in addresses:
        assert len(tree.find_all(id=address[1:])) == 1
    assert not soup(page_of(tmp_path, prose("## One"), prose("## Two"))).select("nav")


def test_facts_lead_to_web_addresses_and_neighbours_only(tmp_path: Path) -> None:
    facts: dict[str, Fact] = {
        "inputs": [("flights 3", "/runs/abc"), "weather 1"],
        "mlflow": ("run", "https://mlflow.example/#/runs/1?a=1&b=2"),
        "upstream": ("features", "../../features/1/notebook.html"),
        "record": ("record.json", "record.json"),
        "bad": [("script", "javascript:alert(1)"), ("host", "//evil.example"), ("slash", "/\\evil.example")],
        "nothing": "",
        "none": [],
    }
    tree = soup(page_of(tmp_path, code("1"), facts=facts))
    assert texts(tree, "dt") == ["inputs", "mlflow", "upstream", "bad", "record"]
    assert {words(link): link["href"] for link in tree.select("dd a[href]")} == {
        "run": "https://mlflow.example/#/runs/1?a=1&b=2",
        "features": "../../features/1/notebook.html",
        "record.json": "record.json",
    }
    # of the web server that shows the page: no link where the page is a file
    assert [link["data-server"] for link in tree.select("dd a[data-server]")] == ["/runs/abc"]
    assert texts(tree, "dd li") == ["flights 3", "weather 1", "script", "host", "slash"]


def test_attachments_are_shown_and_what_is_missing_is_named(tmp_path: Path) -> None:
    text = "![a plot](attachment:a.png) ![gone](attachment:b.png) ![far](https://example.org/c.png)"
    attachments = {"a.png": {"image/png": PNG}}
    tree = soup(page_of(tmp_path, prose(text, attachments=attachments)))
    assert [(image["alt"], str(image["src"])[:15]) for image in tree.select("img")] == [
        ("a plot", "data:image/png;")
    ]
    assert texts(tree, ".prose") == ["gone far (not loaded: https://example.org/c.png)"]


def test_half_a_character_in_an_output_is_no_end(tmp_path: Path) -> None:
    found = page_of(tmp_path, ran("1", printed("a\ud83d.")))
    assert "&#55357;" in found
    found.encode("utf-8")


def test_scripts_of_outputs_are_only_in_frames(tmp_path: Path) -> None:
    output = shown({"text/html": "<p>before</p><script>alert('</script><b>')</script>"})
    tree = soup(page_of(tmp_path, prose("<script>alert(1)</script> text"), ran("1", output)))
    assert [tag.get("type") for tag in tree.select("main script")] == ["application/json"]
    assert (
        json.loads(tree.select_one(".frame script").string)
        == "<p>before</p><script>alert('</script><b>')</script>"
    )
    assert texts(tree, ".prose") == ["text"]
    assert not page_of(tmp_path, ran("1")).count('part-frame"')


@pytest.mark.parametrize(
    "content",
    ["not json", '{"nbformat": 4}', '{"nbformat": 3, "worksheets": []}', '{"nbformat": 4, "cells": [1]}'],
)
def test_a_notebook_that_cannot_be_shown_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "nb.ipynb").write_text(content)
    with pytest.raises(RunError, match=r"nb\.ipynb cannot be shown as a page"):
        render(tmp_path / "nb.ipynb", tmp_path / "nb.html", title="", facts={})


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": None, "outputs": None},
        {"metadata": {"tags": "a"}, "outputs": [1, {}, {"output_type": "display_data"}]},
        {"outputs": [{"output_type": "error"}, {"output_type": "stream", "text": ["a", "b"]}]},
        {
            "outputs": [
                {"output_type": "display_data", "data": {"image/png": ["iVBO", "Rw0K"], "text/html": None}}
            ]
        },
        {"outputs": [{"output_type": "display_data", "data": {"application/vnd.plotly.v1+json": "?"}}]},
        {"outputs": [{"output_type": "display_data", "metadata": 1, "data": {"image/png": "%%%"}}]},
    ],
)
def test_incomplete_cells_are_shown_as_far_as_they_go(tmp_path: Path, more: dict[str, object]) -> None:
    cell = {"cell_type": "code", "source": ["x = ", "1"], **more}
    assert "<code>x = 1</code>" in page_of(tmp_path, cell)


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"nb\.html cannot be written: No such file"):
        render(write(tmp_path / "nb.ipynb"), tmp_path / "no" / "nb.html", title="", facts={})


def test_a_page_without_a_file_is_the_same(tmp_path: Path) -> None:
    source = write(tmp_path / "nb.ipynb", *cells())
    render(source, tmp_path / "nb.html", title="t", facts={"a": "b"})
    assert (tmp_path / "nb.html").read_text() == page(source, title="t", facts={"a": "b"})


def test_much_is_shown_too(tmp_path: Path) -> None:
    table = shown({"text/html": "<table>" + "<tr><td>1.25</td></tr>" * 50_000 + "</table>"})
    coloured = printed("\x1b[31mx\x1b[0m" * 20_000)
    many: Sequence[Cell] = [ran(f"x = {n}", printed("a\n")) for n in range(500)]
    tree = soup(page_of(tmp_path, prose("*a " * 100_000), ran("x\n" * 200_000, table, coloured), *many))
    assert len(tree.select(".cell")) == 501
    assert len(tree.select(".frame")) == 1
    assert words(tree.select_one("#cell-1 .stdout")) == "x" * 20_000


def test_preparing_is_doing_it_once(tmp_path: Path) -> None:
    prepare()
    assert not list(tmp_path.iterdir())
