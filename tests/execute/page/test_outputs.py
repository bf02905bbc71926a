from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from bs4 import BeautifulSoup, Tag

from assetbook.execute import html
from assetbook.execute.page import libraries
from tests.execute.page.notebooks import html_of, page_of, printed, prose, ran, shown

PNG = "iVBORw0KGgoAAAANSUhEUgAABEgAAAM6CAYAAACSNnaS"
CDN = '<script src="https://cdn.example/x.js"></script>'


def figure(**layout: Any) -> go.Figure:
    return go.Figure(go.Scatter(y=[1, 3, 2]), layout=layout)


def chart(**more: Any) -> dict[str, Any]:
    """Return what Altair displays in Jupyter."""
    data = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    bars = alt.Chart(data, **more).mark_bar().encode(x="a:O", y="b:Q")
    return shown(bars._repr_mimebundle_())


def plotly(renderer: str, **layout: Any) -> dict[str, Any]:
    """Return what plotly displays by one of its renderers."""
    return shown(pio.renderers[renderer].to_mimebundle(figure(**layout).to_dict()))


def tree_of(folder: Path, *outputs: dict[str, Any]) -> BeautifulSoup:
    return BeautifulSoup(page_of(folder, prose("## By hour"), ran("1", *outputs)), "html.parser")


def content(frame: Tag) -> str:
    assert frame.script is not None
    return str(json.loads(frame.script.string or ""))


def parts(tree: BeautifulSoup) -> list[str]:
    return [str(tag["id"]) for tag in tree.select("script[id]")]


def without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """Let packages seem not to be installed."""
    find = libraries.find_spec
    monkeypatch.setattr(libraries, "find_spec", lambda name: None if name in packages else find(name))


def test_a_plotly_figure_brings_its_library_once(tmp_path: Path) -> None:
    default = shown({"application/vnd.plotly.v1+json": figure(title="Hours", height=300).to_plotly_json()})
    default = json.loads(json.dumps(default, default=list))
    tree = tree_of(tmp_path, default, printed("between"), plotly("plotly_mimetype"))
    assert parts(tree) == ["part-plotly", "part-frame"]
    first, second = tree.select(".frame")
    assert first["data-parts"] == second["data-parts"] == "plotly"
    assert (first["data-title"], second["data-title"]) == (
        "Figure of cell 1: Hours",
        "Figure of cell 1: By hour",
    )
    assert "height: 300px" in content(first)
    assert "height: 450px" in content(second)
    library = json.loads(tree.select_one("#part-plotly").string)
    assert "* plotly.js v" in library
    assert library.lower().count("</script") == 1


def test_plotly_itself_is_not_imported(tmp_path: Path) -> None:
    tree_of(tmp_path, plotly("plotly_mimetype"))
    loaded = set(sys.modules)
    for name in [name for name in loaded if name.split(".")[0] == "plotly"]:
        del sys.modules[name]
    tree_of(tmp_path, shown({"application/vnd.plotly.v1+json": {"data": [], "layout": {}}}))
    assert not [name for name in sys.modules if name.split(".")[0] == "plotly"]


@pytest.mark.parametrize(
    "text",
    [
        figure().to_html(include_plotlyjs="cdn", full_html=False),
        figure().to_html(include_plotlyjs="cdn"),
        figure().to_html(include_plotlyjs=False),
        pio.renderers["notebook_connected"].to_mimebundle(figure().to_dict())["text/html"],
        "<div id='x'></div><script>require(['plotly'], (Plotly) => Plotly.newPlot('x', []))</script>",
    ],
)
def test_plotly_s_pages_ask_nobody_for_the_library(tmp_path: Path, text: str) -> None:
    (frame,) = tree_of(tmp_path, html_of(text)).select(".frame")
    assert frame["data-parts"] == "plotly"
    assert "https://cdn.plot.ly" not in content(frame)
    assert "mathjax/" not in content(frame)


def test_a_library_that_an_output_has_set_up_is_there_for_later_ones(tmp_path: Path) -> None:
    setup = html_of(
        "<script>/**\n* plotly.js v9 */ window.Plotly = {newPlot() {}}</script>\n<style>p {}</style>"
    )
    own = html_of("<script>window.shared = 1</script>")
    tree = tree_of(tmp_path, setup, own, setup, plotly("plotly_mimetype"))
    assert parts(tree) == ["part-setup-1", "part-setup-2", "part-frame"]
    (frame,) = tree.select(".frame")
    assert frame["data-parts"] == "setup-1 setup-2"


def test_a_library_that_a_figure_has_in_itself_is_not_there_twice(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, html_of(figure().to_html(include_plotlyjs=True)))
    assert parts(tree) == ["part-frame"]
    assert tree.select_one(".frame")["data-parts"] == ""


@pytest.mark.parametrize(
    "output", [plotly("plotly_mimetype"), html_of(figure().to_html(include_plotlyjs="cdn"))]
)
def test_without_plotly_the_page_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: dict[str, Any]
) -> None:
    without(monkeypatch, "plotly")
    tree = tree_of(tmp_path, output)
    assert "Install it there: pip install plotly" in tree.select_one(".note").get_text()
    assert not tree.select(".frame, .text")
    if "application/vnd.plotly.v1+json" in output["data"]:
        assert '"type": "scatter"' in tree.select_one(".note pre").get_text()
    (image,) = tree_of(tmp_path, {**output, "data": {**output["data"], "image/png": PNG}}).select("img")
    assert image["alt"] == "Figure of cell 1: By hour"


def test_without_vega_s_scripts_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "vl_convert")
    tree = tree_of(tmp_path, chart(title="Bars"))
    assert "Install them there: pip install vl-convert-python" in tree.select_one(".note").get_text()
    assert '"mark"' in tree.select_one(".note pre").get_text()
    assert not tree.select(".frame, .text")


@pytest.mark.parametrize("mime", ["vnd.vegalite.v6.json", "vnd.vegalite.v5+json", "vnd.vega.v5+json"])
def test_charts_are_drawn_by_vega(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mime: str) -> None:
    library = libraries.Library(**{**vars(libraries.VEGA), "read": lambda: "window.vegaEmbed=1"})
    monkeypatch.setattr("assetbook.execute.page.drawings.VEGA", library)
    tree = tree_of(tmp_path, shown({f"application/{mime}": {"mark": "bar", "title": "</script>"}}))
    (frame,) = tree.select(".frame")
    assert (frame["data-parts"], frame["data-title"]) == ("vega", "Figure of cell 1: By hour")
    assert f'"mode": "{"vega" if "vega." in mime else "vega-lite"}"' in content(frame)
    assert content(frame).count("</script") == 1


def test_altair_s_page_becomes_its_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = libraries.Library(**{**vars(libraries.VEGA), "read": lambda: "window.vegaEmbed=1"})
    monkeypatch.setattr("assetbook.execute.page.drawings.VEGA", library)
    (frame,) = tree_of(tmp_path, chart(title=["Bars", "of two"])).select(".frame")
    assert frame["data-title"] == "Figure of cell 1: Bars of two"
    assert "https://cdn" not in content(frame)
    assert content(frame).startswith('<div style="width: 100%"></div><script>vegaEmbed(')


def test_vega_is_put_together_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vl_convert", reason="Vega's scripts are in vl-convert-python")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert "window.vegaEmbed" in libraries.VEGA.read()
    (kept,) = (tmp_path / "assetbook").iterdir()
    kept.write_text("kept")
    assert libraries.VEGA.read() == "kept"


def test_outputs_of_a_cell_that_work_together_share_a_frame(tmp_path: Path) -> None:
    script = shown({"application/javascript": "document.getElementById('x').textContent = '</script>'"})
    tree = tree_of(tmp_path, html_of("<div id='x'></div>"), script)
    (frame,) = tree.select(".frame")
    assert content(frame).startswith("<div id='x'></div>")
    assert content(frame).count("</script>") == 1


def test_bokeh_s_loader_is_not_shown(tmp_path: Path) -> None:
    loading = html_of("<a class='bk-notebook-logo'></a> Loading BokehJS ...")
    loader = shown(
        {
            "application/javascript": "load('https://cdn.bokeh.org')",
            "application/vnd.bokehjs_load.v0+json": "",
        }
    )
    assert not tree_of(tmp_path, loading, loader).select(".outputs, .frame")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"<div></div>{CDN}", "cdn.example"),
        ("<iframe src='https://maps.example/x'></iframe>", "maps.example"),
        ("<script>import('https://cdn.example/x.js')</script>", "cdn.example"),
        ("<script type=module>import { a } from 'https://cdn.example/x.js'</script>", "cdn.example"),
        (f'<iframe srcdoc="{CDN.replace("<", "&lt;").replace(chr(34), "&quot;")}"></iframe>', "cdn.example"),
        ("<video src=//films.example/x.mp4></video>", "films.example"),
    ],
)
def test_what_others_would_have_to_give_is_a_note(tmp_path: Path, text: str, place: str) -> None:
    tree = tree_of(tmp_path, html_of(text))
    assert f"would load something from {place}" in tree.select_one(".note p").get_text()
    assert tree.select_one(".note li a")["href"].startswith("https://")
    assert not tree.select(".frame, .text")
    bundle = {"text/html": text, "text/plain": "its words"}
    assert tree_of(tmp_path, shown(bundle)).select_one(".text").get_text() == "its words"


def test_data_that_a_chart_would_fetch_is_a_note(tmp_path: Path) -> None:
    spec = {"data": {"url": "https://data.example/cars.json"}, "mark": "bar"}
    tree = tree_of(tmp_path, shown({"application/vnd.vegalite.v5+json": spec}))
    assert "data.example" in tree.select_one(".note p").get_text()


def test_frames_adapt_to_dark_pages_if_they_know_how(tmp_path: Path) -> None:
    styles = ["@media (prefers-color-scheme: dark) { p { color: red } }", "p { color: red }"]
    tree = tree_of(
        tmp_path,
        html_of(f"<style>{styles[0]}</style>x"),
        printed("-"),
        html_of(f"<style>{styles[1]}</style>x"),
    )
    assert [frame["class"] for frame in tree.select(".frame")] == [["frame", "adapts"], ["frame"]]


def test_a_library_cannot_end_its_script_element() -> None:
    source = "a('</script>', '</SCRIPT >', '<!-- <script>')"
    assert libraries.within_script(source) == "a('<\\/script>', '<\\/SCRIPT >', '<\\!-- <script>')"


def test_markdown_that_a_cell_displays_counts_among_the_headings(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path, shown({"text/markdown": "# Shown\n\n<script>x</script>"}), shown({"image/png": PNG})
    )
    assert tree.select_one("#cell-1 h2").get_text() == "Shown"
    assert tree.img["alt"] == "Figure of cell 1: Shown"


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        ("\x1b[31mx\x1b[0m", '<span class="ansi-red-fg">x</span>'),
        ("\x1b[38;5;28mx\x1b[0m", '<span data-hue="green">x</span>'),
        ("\x1b[38;2;250;250;250mx\x1b[0m", "<span>x</span>"),
        ("\x1b[48;2;0;0;99mx\x1b[0m", "<span>x</span>"),
        ("\x1b[2K<x>", "&lt;x&gt;"),
    ],
)
def test_terminal_colours_are_those_that_can_be_read(tmp_path: Path, colours: str, expected: str) -> None:
    assert expected in page_of(tmp_path, ran("1", printed(colours)))


def test_frames_are_told_the_same_policy() -> None:
    assert html.POLICY in html._template().environment.globals["frame"]
