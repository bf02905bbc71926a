"""A headless Chromium for tests. What a page asks of other machines is refused and written down.

A folder of tests that needs it imports the fixture `chromium` in its conftest. While the browser runs, its event loop
is that of the thread: a test runs its notebooks before, in a fixture that it names first.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ALL = "ASSETBOOK_TEST_ALL"  # with 1, what cannot be tested here fails
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OWN = {"127.0.0.1", "localhost", "[::1]"}
SCREENSHOTS = Path(__file__).parents[1] / ".pytest_cache" / "screenshots"


@dataclass
class Visit:
    """A page that is open.

    Attributes:
        page: playwright's.
        refused: the addresses on other machines that it asked for.
        complaints: errors and warnings of its console, exceptions, and what could not be loaded.
    """

    page: Any
    refused: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def barriers(self, **options: Any) -> list[str]:
        """Return what axe says is in the way of people with disabilities, a line for each element.

        Args:
            options: axe's own; by default all its rules, best practices included.
        """
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options={"resultTypes": ["violations"], **options}).response
        return [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:200]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def keep(self, name: str) -> Path:
        """Save a picture of the whole page as an artifact of the tests, and return where it is."""
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def goto(self, address: str | Path) -> None:
        """Open an address, or a file."""
        self.page.goto(address.as_uri() if isinstance(address, Path) else address)


class Chromium:
    """Opens pages, each as somebody who has never been there."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    @contextmanager
    def visit(
        self, address: str | Path, *, dark: bool = False, width: int = 1280, height: int = 900
    ) -> Iterator[Visit]:
        """Open an address, or a file, in a window of its own.

        Args:
            address: to open.
            dark: whether the person likes it dark.
            width: of the window.
            height: of the window.
        """
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            service_workers="block",
        )
        try:
            visit = Visit(context.new_page())
            _watch(context, visit)
            visit.goto(address)
            yield visit
        finally:
            context.close()


def _watch(context: Any, visit: Visit) -> None:
    def allow(route: Any) -> None:
        if is_own(route.request.url):
            route.continue_()
        else:
            visit.refused.append(route.request.url)
            route.abort()

    context.route("**/*", allow)
    page = visit.page
    page.on("console", lambda said: said.type in ("error", "warning") and visit.complaints.append(said.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("requestfailed", lambda request: visit.complaints.append(f"not loaded: {request.url}"))


def is_own(address: str) -> bool:
    """Tell whether an address is on this machine."""
    parts = urlsplit(address)
    return parts.scheme in ("file", "data", "blob", "about") or parts.netloc.partition(":")[0] in OWN


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    """The browser; tests that need it are skipped where there is none, unless all of them are to run."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        missing = f"no browser is installed: {', '.join(PROGRAMS)}"
        (pytest.fail if os.environ.get(ALL) == "1" else pytest.skip)(missing)
    from playwright.sync_api import sync_playwright

    without_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=without_sandbox)
        yield Chromium(browser)
        browser.close()
