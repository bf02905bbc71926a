from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from assetbook.errors import RunError
from assetbook.execute.html import render


def notebook() -> nbformat.NotebookNode:
    run = {"papermill": {"exception": False, "status": "completed", "duration": 0.25}}
    failed = {"papermill": {"exception": True, "status": "failed", "duration": 1.5}}
    late = {"papermill": {"exception": None, "status": "pending", "duration": None}}
    display = v4.new_output
    outputs = [
        display("stream", name="stdout", text="a < b\n"),
        display("stream", name="stderr", text="\x1b[31mwarned\x1b[0m\n"),
        display("display_data", {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "poorer"}),
        display("display_data", {"image/png": "iVBORw0KGgo=", "text/plain": "poorer"}),
        display("display_data", {"image/svg+xml": "<svg></svg>"}),
        display("display_data", {"text/markdown": "*soft*"}),
        display("display_data", {"text/latex": "$a<b$"}),
        display("execute_result", {"text/plain": "42"}),
    ]
    return v4.new_notebook(
        metadata={"language_info": {"name": "python", "pygments_lexer": "ipython3"}},
        cells=[
            v4.new_markdown_cell("# Delays & more\n\nWith $x^2$ and a [link](https://example.org)."),
            v4.new_code_cell("x = 1", metadata={"tags": ["parameters"], **run}),
            v4.new_code_cell("x = 2", metadata={"tags": ["injected-parameters"], **run}),
            v4.new_code_cell("x < 3", metadata=run, outputs=outputs),
            v4.new_code_cell(
                "1 / 0",
                metadata=failed,
                outputs=[
                    display("error", ename="Z", evalue="by zero", traceback=["\x1b[31mZ\x1b[0m: by <zero>"])
                ],
            ),
            v4.new_code_cell("3", metadata=late),
        ],
    )


class Loads(HTMLParser):
    """Collects what a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = ("src", "href") if tag != "a" else ("src",)
        self.found += [value or "" for name, value in attrs if name in names]


def test_the_page_shows_everything_and_loads_nothing(tmp_path: Path) -> None:
    source, page = tmp_path / "nb.ipynb", tmp_path / "nb.html"
    nbformat.write(notebook(), source)
    render(source, page, title="Delays <1h>", facts={"asset": "delays", "parameters": "x = <2>"})
    text = page.read_text()
    loads = Loads()
    loads.feed(text)
    assert all(url.startswith("data:") for url in loads.found)
    assert not re.search(r"mathjax|require\.js|cdn", text, re.IGNORECASE)
    assert "default-src 'none'" in text
    assert "<h1>Delays &lt;1h&gt;</h1>" in text
    assert "<dt>parameters</dt><dd>x = &lt;2&gt;</dd>" in text
    for shown in (
        "cell 1 · 0.25 s",
        "parameters of this run",
        "cell 3 · failed · 1.50 s",
        "cell 4 · not run",
    ):
        assert shown in text
    for shown in (
        "a &lt; b",
        "warned",
        "<td>1</td>",
        "<em>soft</em>",
        "$a&lt;b$",
        "by &lt;zero&gt;",
        "<pre>42</pre>",
    ):
        assert shown in text
    assert "poorer" not in text
    assert '<img alt="figure of cell 2" src="data:image/png;base64,iVBORw0KGgo="' in text
    assert [p.name for p in tmp_path.glob("*.part")] == []


def headings(page: Path) -> list[str]:
    found = re.findall(r"<h(\d)[^>]*>(.*?)</h", page.read_text())
    return [f"{level} {text}" for level, text in found]


@pytest.mark.parametrize(
    ("source", "title", "shown"),
    [
        ("# Delays\n\nA text.\n\n## More", "Delays", ["1 Delays", "2 More"]),
        (
            "![logo](data:,)\n\n## Delays of `UA` ##\nA text.",
            "Delays of `UA`",
            ["1 Delays of <code>UA</code>"],
        ),
        ("A text.", "delays", ["1 delays"]),
        ("# Delays", "delays", ["1 delays", "1 Delays"]),
    ],
)
def test_the_title_is_shown_once(tmp_path: Path, source: str, title: str, shown: list[str]) -> None:
    nb = v4.new_notebook(cells=[v4.new_markdown_cell(source), v4.new_code_cell("1")])
    nb.cells.append(v4.new_markdown_cell("#### Delays"))
    nbformat.write(nb, tmp_path / "nb.ipynb")
    render(tmp_path / "nb.ipynb", tmp_path / "nb.html", title=title, facts={})
    assert headings(tmp_path / "nb.html") == [*shown, "4 Delays"]
    assert ("A text." in source) == ("A text." in (tmp_path / "nb.html").read_text())


@pytest.mark.parametrize("content", ["not json", '{"nbformat": 4}'])
def test_a_notebook_that_cannot_be_shown_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "nb.ipynb").write_text(content)
    with pytest.raises(RunError, match=r"nb\.ipynb cannot be shown as a page"):
        render(tmp_path / "nb.ipynb", tmp_path / "nb.html", title="", facts={})


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    nbformat.write(notebook(), tmp_path / "nb.ipynb")
    with pytest.raises(RunError, match=r"nb\.html cannot be written: No such file"):
        render(tmp_path / "nb.ipynb", tmp_path / "no" / "nb.html", title="", facts={})
