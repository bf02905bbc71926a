"""The documents as a site: built without a warning, readable by everybody, and alone on its machine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.browser import Chromium
from tests.docs.pages import CATALOGUE, PAGES, ROOT

SOURCES = ("README.md", "CHANGELOG.md", "mkdocs.yml")
BY_THE_THEME = "landmark-unique"  # its buttons that copy code stand in landmarks, all without a name
NAMES = {
    ROOT / "README.md": "index",
    ROOT / "CHANGELOG.md": "changelog",
    ROOT / "docs" / "README.md": "contents",
}


def sources(root: Path) -> Path:
    """Copy what the site is made from, and return where."""
    for file in SOURCES:
        shutil.copy2(ROOT / file, root / file)
    left_out = shutil.ignore_patterns(CATALOGUE.name, "__pycache__")
    shutil.copytree(ROOT / "docs", root / "docs", ignore=left_out)
    return root


def build(root: Path) -> subprocess.CompletedProcess[str]:
    """Build the site as `make docs` does."""
    recipe = subprocess.check_output(["make", "-n", "docs"], cwd=ROOT, text=True)
    (line,) = (line for line in recipe.splitlines() if "mkdocs build" in line)
    command = re.sub(r"\S*/mkdocs", f"{sys.executable} -m mkdocs", line)
    return subprocess.run(["bash", "-c", command], cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, made where a catalogue has been built as well."""
    root = sources(tmp_path_factory.mktemp("site"))
    catalogue = root / "docs" / CATALOGUE.name / "assets"
    catalogue.mkdir(parents=True)
    (catalogue.parent / "index.html").write_text("<p>Catalogue of assets</p>", "utf-8")
    (catalogue / "flights.md").write_text("# Flights\n\nA [link](nowhere.md)", "utf-8")
    done = build(root)
    assert done.returncode == 0, done.stderr
    return root / "site"


@pytest.fixture
def served(built: Path) -> Iterator[str]:
    """The address of a server that has the site."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(built))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def place(page: Path) -> str:
    """Return where a document is on the site."""
    return f"{NAMES.get(page) or page.relative_to(ROOT / 'docs').with_suffix('')}.html"


def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    page = sources(tmp_path) / "docs" / "decisions.md"
    page.write_text("# Decisions\n\nA [link](nowhere.md)", "utf-8")

    assert build(tmp_path).returncode != 0


def test_every_document_is_a_page_and_nothing_else_is(built: Path) -> None:
    assert {path.relative_to(built).as_posix() for path in built.rglob("*.html")} == {
        "404.html",
        *map(place, PAGES),
    }
    assert not [*built.rglob("*.py"), *built.rglob("*.md")]
    assert (built / "reference" / "record.schema.json").is_file()


def test_the_catalogue_is_not_searched(built: Path) -> None:
    index = json.loads((built / "search" / "search_index.json").read_text("utf-8"))
    assert not [entry for entry in index["docs"] if "catalogue/" in entry["location"].replace("how-to/", "")]
    assert "Catalogue of assets" not in json.dumps(index)


def test_what_a_fence_is_labelled_with_is_a_title_or_not_seen(built: Path) -> None:
    page = (built / "how-to" / "checks.html").read_text("utf-8")

    assert '<span class="filename">assets/routes.py</span>' in page
    assert "notebook=" not in page
    assert "scene=" not in page


def test_bars_in_code_in_tables_are_not_escaped(built: Path) -> None:
    page = (built / "reference" / "cli.html").read_text("utf-8")

    assert "--format [table|csv|json|parquet]" in page


@pytest.mark.parametrize(("dark", "width"), [(False, 1440), (True, 390)], ids=["light", "dark-narrow"])
def test_pages_are_for_everybody_and_ask_nobody(
    chromium: Chromium, served: str, dark: bool, width: int
) -> None:
    with chromium.visit(f"{served}/index.html", dark=dark, width=width) as visit:
        visit.page.wait_for_load_state("networkidle")
        for page in PAGES:
            visit.goto(f"{served}/{place(page)}")
            visit.page.wait_for_load_state("networkidle")
            barriers = [found for found in visit.barriers() if not found.startswith(BY_THE_THEME)]
            assert barriers == [], place(page)
            too_wide = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert too_wide <= 0, place(page)
        visit.goto(f"{served}/how-to/checks.html")
        visit.keep(f"site-{width}-{'dark' if dark else 'light'}")
        assert visit.refused == []
        assert visit.complaints == []


@pytest.mark.parametrize("from_a_file", [True, False], ids=["file", "server"])
def test_search_finds_a_page(chromium: Chromium, built: Path, served: str, from_a_file: bool) -> None:
    with chromium.visit(built / "index.html" if from_a_file else f"{served}/index.html") as visit:
        page = visit.page
        page.get_by_role("textbox", name="Search").click()
        page.keyboard.type("failing cases")
        found = page.locator(".md-search-result__link").filter(has_text="Checks and schemas").first
        found.click()
        page.wait_for_url("**/how-to/checks.html*")
        page.locator("h2#schemas").wait_for()
        assert visit.refused == []
        assert visit.complaints == []
