"""Opens pages in a browser that runs already, and makes pages of an executed notebook."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

from drive import serve, timed

PATIENCE = 120_000  # milliseconds


@cache
def _browser() -> Any:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return sync_playwright().start().chromium.launch(executable_path=program, args=["--no-sandbox"])


def show(url: str, text: str) -> dict[str, Any]:
    """Open a page as somebody who has been nowhere yet, until it shows a text."""
    context = _browser().new_context(viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)

    def opened() -> None:
        page.goto(url, wait_until="commit")
        page.get_by_text(text, exact=True).locator("visible=true").first.wait_for()

    try:
        return timed(opened)
    finally:
        context.close()


def ours(notebook: str) -> dict[str, Any]:
    """Make the page that a run leaves."""
    from assetbook.execute import html

    return timed(lambda: html.page(Path(notebook), title="a notebook", facts={"asset": "a"}))


def nbconvert(notebook: str) -> dict[str, Any]:
    """Make nbconvert's own page."""
    return timed(lambda: _exporter().from_filename(notebook))


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter()


if __name__ == "__main__":
    serve(show, ours, nbconvert)
