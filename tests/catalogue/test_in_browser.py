"""The catalogue as its readers have it: in a browser, from a folder, without network."""

from __future__ import annotations

import http.server
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from assetbook.catalogue import build
from assetbook.settings import Settings
from tests.browser import Chromium
from tests.catalogue.conftest import AGES, PEOPLE, REPORT
from tests.conftest import WorkspaceFolder
from tests.platform.space import Space

WIDTHS = [390, 1280]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The pages of a workspace in which something is made, failed, broken, never made and made elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in (
            "ASSETBOOK_DATA",
            "ASSETBOOK_LAKE",
            "ASSETBOOK_MLFLOW",
            "ASSETBOOK_ROOT",
            "DAGSTER_HOME",
        ):
            patch.delenv(variable, raising=False)
        root = tmp_path_factory.mktemp("browser") / "space"
        root.mkdir()
        patch.chdir(root)
        patch.syspath_prepend(root)
        for name in [n for n in sys.modules if n.split(".")[0] in {"assets", "resources", "sensors"}]:
            patch.delitem(sys.modules, name)
        yield _build(WorkspaceFolder(root), tmp_path_factory.mktemp("dagster"))


def _build(workspace: WorkspaceFolder, home: Path) -> Path:
    workspace.write("assets/people.py", PEOPLE)
    workspace.write("assets/elsewhere.py", 'import dagster as dg\n\nelsewhere = dg.AssetSpec("elsewhere")\n')
    workspace.notebook("hr/ages", AGES, parameters="shift: float = 0.0  # years to add")
    workspace.notebook("hr/report", REPORT)
    workspace.notebook("hr/fails", ["# Fails", "import assetbook as ab", "ab.load('people')", "1 / 0"])
    workspace.notebook("hr/broken", ["import assetbook as ab", "ab.save('a' + 'b', 1)"])
    workspace.notebook(
        "never",
        ["# Never\n\n<script>document.title = 'taken'</script>", "import assetbook as ab", "ab.load('ages')"],
    )
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        space = Space(workspace.root, instance)
        space.run("people", "ages", "report", "fails")
        for shift in (1.0, 3.0):
            space.run("ages", config={"ages": {"shift": shift}})
        return build(Settings.load(workspace.root), instance).index.parent


def pages(folder: Path) -> list[Path]:
    return [folder / "index.html", *sorted((folder / "assets").iterdir())]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_open_to_everybody_and_complain_of_nothing(
    folder: Path, chromium: Chromium, dark: bool, width: int
) -> None:
    for path in pages(folder):
        with chromium.visit(path, dark=dark, width=width) as visit:
            assert visit.barriers() == []
            assert visit.complaints == []
            assert visit.refused == []
            overflow = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, f"{path.name} is wider than its window"
            visit.keep(f"catalogue-{path.stem}-{'dark' if dark else 'light'}-{width}")


def test_the_search_filters_while_one_types(folder: Path, chromium: Chromium) -> None:
    with chromium.visit(folder / "index.html") as visit:
        page = visit.page

        def found() -> list[str]:
            return [row.get_attribute("data-asset") for row in page.locator("tr[data-asset]:visible").all()]

        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.type("town")
        assert found() == ["people"]
        assert page.locator("tr[data-asset=people] .hits a").all_inner_texts() == ["town"]
        assert page.locator("#count").inner_text() == "1 of 7 found."
        assert "off" in (page.locator('.graph [data-name="ages"]').get_attribute("class") or "")
        for query, names in {
            "owner:anna": ["people"],
            "tag:domain=hr": ["people"],
            "group:features": ["ages"],
            "is:failed": ["fails"],
            'is:"never made"': ["never"],
            "kind:report people": [],
            "age column:age": ["people", "ages"],
            "TOWN": ["people"],
            "": None,
        }.items():
            page.locator("#q").fill(query)
            assert sorted(found()) == sorted(names) if names is not None else len(found()) == 7, query
        page.locator("#q").fill("nothing like that")
        assert page.locator("#none").is_visible()
        page.keyboard.press("Escape")
        assert len(found()) == 7
        assert visit.complaints == []


def test_a_person_gets_along_with_the_keyboard_alone(folder: Path, chromium: Chromium) -> None:
    with chromium.visit(folder / "index.html") as visit:
        page = visit.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        assert page.locator(".skip").evaluate("skip => skip.getBoundingClientRect().top") >= 0
        page.keyboard.press("/")
        page.keyboard.type("ages")
        page.keyboard.press("Enter")
        page.wait_for_url("**/assets/ages.html")
        assert page.locator("h1").inner_text() == "ages"
        page.keyboard.press("/")
        page.keyboard.type("people")
        page.keyboard.press("Enter")
        page.wait_for_url("**/index.html?q=people")
        assert page.locator("#q").input_value() == "people"


def test_focus_is_seen_on_everything_that_can_have_it(folder: Path, chromium: Chromium) -> None:
    with chromium.visit(folder / "assets" / "ages.html") as visit:
        unseen = []
        for _ in range(60):
            visit.page.keyboard.press("Tab")
            seen = visit.page.evaluate(
                """() => {
                  const now = document.activeElement;
                  if (now === document.body) return true;
                  const style = getComputedStyle(now);
                  const rect = now.querySelector?.("rect");
                  return style.outlineStyle !== "none" || (rect && getComputedStyle(rect).strokeWidth === "3px")
                    ? true : now.outerHTML.slice(0, 100);
                }"""
            )
            if seen is not True:
                unseen.append(seen)
        assert unseen == []


def test_pointing_at_an_asset_traces_what_it_is_made_from_and_what_is_made_from_it(
    folder: Path, chromium: Chromium
) -> None:
    with chromium.visit(folder / "index.html") as visit:
        graph = visit.page.locator(".graph")

        def near() -> set[str]:
            return set(graph.locator(".node.near").evaluate_all("nodes => nodes.map(n => n.dataset.name)"))

        graph.locator('[data-name="ages"]').hover()
        assert near() == {"people", "ages", "report", "never"}
        graph.locator('[data-name="fails"]').focus()
        assert near() == {"people", "fails"}
        visit.page.locator("#q").focus()
        assert near() == set()


def test_boxes_of_the_picture_lead_to_pages(folder: Path, chromium: Chromium) -> None:
    with chromium.visit(folder / "index.html") as visit:
        visit.page.locator('.graph [data-name="ages"]').click()
        visit.page.wait_for_url("**/assets/ages.html")
        assert visit.page.locator(".graph .here title").inner_html() == "ages: table, up to date, 2 rows"


def test_links_to_notebooks_open_from_a_folder(folder: Path, chromium: Chromium) -> None:
    with chromium.visit(folder / "assets" / "ages.html") as visit:
        visit.page.get_by_role("link", name="open the executed notebook").click()
        visit.page.wait_for_url("**/notebook.html")
        assert "Ages" in visit.page.locator("h1").first.inner_text()


def test_it_prints_in_black_on_white_without_what_only_a_screen_needs(
    folder: Path, chromium: Chromium
) -> None:
    with chromium.visit(folder / "assets" / "people.html", dark=True, width=760) as visit:
        page = visit.page
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert not page.locator("header form").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.pdf()[:5] == b"%PDF-"
        visit.keep("catalogue-people-print")


def test_nothing_in_a_description_acts(folder: Path, chromium: Chromium) -> None:
    with chromium.visit(folder / "assets" / "never.html") as visit:
        assert visit.page.title() == "never · space"


def test_it_works_without_javascript_but_for_the_search(folder: Path, chromium: Chromium) -> None:
    with chromium.visit("about:blank") as visit:
        visit.page.route(
            "**/index.html",
            lambda route: route.fulfill(
                body=_without_script(folder / "index.html"), content_type="text/html"
            ),
        )
        visit.goto(folder / "index.html")
        assert visit.page.locator("tr[data-asset]:visible").count() == 7


def _without_script(path: Path) -> str:
    head, _, tail = path.read_text("utf-8").rpartition("<script>")
    return head + tail.rpartition("</script>")[2]


def test_what_a_page_asks_of_other_machines_is_refused_and_told(tmp_path: Path, chromium: Chromium) -> None:
    page = tmp_path / "page.html"
    page.write_text("<title>x</title><img src='https://example.org/x.png' alt=''>")

    with chromium.visit(page) as visit:
        assert visit.refused == ["https://example.org/x.png"]
        assert "not loaded: https://example.org/x.png" in visit.complaints


@pytest.fixture
def served(folder: Path) -> Iterator[str]:
    """The address of a server that gives the catalogue as `assetbook ui` does."""

    class Catalogue(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return super().translate_path(path.removeprefix("/catalogue"))

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Catalogue, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_under_the_interface_of_dagster_notebooks_are_shown_by_it(
    served: str, folder: Path, chromium: Chromium
) -> None:
    with chromium.visit(f"{served}/catalogue/assets/ages.html") as visit:
        link = visit.page.get_by_role("link", name="open the executed notebook").get_attribute("href")
        assert link.startswith("/notebook?path=")
        assert link.endswith("notebook.ipynb")
        assert visit.page.locator("[data-record]").get_attribute("href") is None
        assert visit.complaints == []
