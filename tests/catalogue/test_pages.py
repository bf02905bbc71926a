"""The pages of a catalogue, as text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from assetbook.catalogue.model import (
    Catalogue,
    Check,
    Column,
    Entry,
    Example,
    Metric,
    Point,
    Run,
    Setting,
    Structure,
    Version,
)
from assetbook.catalogue.pages import file_names, render
from tests.catalogue.conftest import rows, section

NOW = datetime(2026, 11, 21, 19, 3, tzinfo=UTC)
EVIL = (
    "<script>alert(1)</script>\"'><img src=https://example.org/x onerror=alert(1)> {{ 7 * 7 }} & \u202e \x00"
)
OUT = Path("/space/docs/catalogue")


def catalogue(*entries):
    return Catalogue("space", NOW, entries)


def pages(*entries):
    found = render(catalogue(*entries), out=OUT)
    return {path: BeautifulSoup(text, "html.parser") for path, text in found.items()}


def evil(name, **fields):
    """Return an entry in which every text is an attack."""
    return Entry(
        name=name,
        kind="table",
        group=EVIL,
        title=EVIL,
        description=EVIL,
        owners=(EVIL,),
        tags={EVIL: EVIL},
        source=EVIL,
        state="failed",
        reason=EVIL,
        holds=EVIL,
        facts={EVIL: EVIL},
        structure=Structure((Column(EVIL, EVIL, EVIL, (EVIL,), sensitive=True),), EVIL, (EVIL,)),
        example=Example((EVIL,), frozenset(), ((EVIL,), (None,))),
        settings=(Setting(EVIL, EVIL, EVIL, EVIL),),
        checks=(Check(EVIL, EVIL, False, True, NOW, EVIL),),
        metrics=(Metric(EVIL, (Point(EVIL, 1.0), Point(EVIL, 2.0))),),
        runs=(
            Run(
                NOW, "failure", 1.0, EVIL, EVIL, EVIL, {EVIL: EVIL}, {EVIL: EVIL}, EVIL,
                Path(f"/space/data/{EVIL.replace('/', '_')}.html"), Path("/space/data/record.json"), EVIL,
            ),
        ) * 2,
        versions=(Version(1, NOW, 1, EVIL, EVIL, EVIL),),
        trouble=(EVIL,),
        **fields,
    )  # fmt: skip


def test_whatever_others_have_written_stays_text():
    found = pages(evil(EVIL), evil("other", inputs=(EVIL,)))

    assert len(found) == 3
    for page in found.values():
        scripts = page.find_all("script")
        assert [script.get("type") for script in scripts][-1:] == [None]
        assert {script.get("id") for script in scripts} <= {None, "index"}
        assert not page.find_all(["img", "iframe", "object", "embed", "base"])
        for tag in page.find_all(True):
            assert not [name for name in tag.attrs if name.startswith("on") or name in ("style", "src")]
        assert "49" not in page.get_text()


def test_the_search_data_cannot_end_their_element():
    found = pages(evil(EVIL))["index.html"].find("script", id="index")

    (asset,) = json.loads(found.string)
    assert asset["name"] == EVIL
    assert "<" not in found.string


def test_pages_allow_nothing_but_their_own_style_and_script():
    for page in pages(evil("a")).values():
        policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["style-src"] == sha(page.style.string)
        assert rules["script-src"] == sha(page.find("script", id=False).string)
        assert "unsafe" not in policy
        assert "http" not in policy


def sha(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_every_link_within_the_catalogue_leads_to_a_page_and_a_place_on_it():
    names = [
        "plain",
        "a/b",
        "ü ber",
        "50%",
        "UPPER",
        "upper",
        "x" * 300,
        "x" * 299 + "y",
        "..",
        "con",
        "a#b?c",
    ]
    entries = [
        Entry(
            name,
            "table",
            "group",
            owners=("team:a b",),
            inputs=tuple(names[:n]),
            readers=tuple(names[n + 1 :]),
            structure=Structure((Column("a b%", "int64"),)),
        )
        for n, name in enumerate(names)
    ]

    found = pages(*entries)

    assert len(found) == len(names) + 1
    for path, page in found.items():
        for link in page.find_all("a", href=True):
            parts = urlsplit(link["href"])
            target = (Path(path).parent / unquote(parts.path) if parts.path else Path(path)).as_posix()
            target = re.sub(r"^assets/\.\./", "", target)
            assert target in found, f"{path} links to {link['href']}"
            if parts.fragment:
                assert found[target].find(id=unquote(parts.fragment)), f"{path} links to {link['href']}"


@given(st.lists(st.text(min_size=1, max_size=200), unique=True, max_size=8))
def test_files_of_assets_are_plain_and_no_two_alike(names):
    files = file_names(names)

    assert len({file.casefold() for file in files.values()}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_=-]{1,140}\.html", file) for file in files.values())


def test_links_to_records_are_relative_so_that_a_folder_can_be_moved():
    run = Run(
        NOW, "success", page=Path("/space/data/records/a b/notebook.html"), record=Path("/space/data/r.json")
    )

    page = pages(Entry("a", "table", "raw", runs=(run,)))["assets/a.html"]

    links = [link["href"] for link in page.find_all("a", attrs={"data-notebook": True})]
    assert set(links) == {"../../../data/records/a%20b/notebook.html"}
    assert page.find("a", attrs={"data-record": True})["href"] == "../../../data/r.json"


def test_a_plot_says_in_words_what_it_shows():
    points = tuple(Point(f"day {n}", value) for n, value in enumerate([0.5, 0.9, 0.7]))

    page = pages(Entry("a", "model", "models", metrics=(Metric("auc", points), Metric("new"))))[
        "assets/a.html"
    ]

    (svg,) = page.find_all("svg", class_="plot")
    assert svg["aria-label"] == (
        "auc in 3 runs, from day 0 to day 2: first 0.5, last 0.7, lowest 0.5, highest 0.9"
    )
    assert rows(section(page, "Metrics"))[1][:3] == ["new", "", "not reported yet"]


@pytest.mark.parametrize("values", [[1.0], [1.0, 1.0], [1e308, -1e308], [0.0, 5e-324]])
def test_every_history_can_be_plotted(values):
    metric = Metric("m", tuple(Point(str(n), value) for n, value in enumerate(values)))

    page = pages(Entry("a", "model", "models", metrics=(metric,)))["assets/a.html"]

    plotted = page.find("polyline")
    assert "nan" not in str(plotted)
    assert (plotted is None) == (len(values) == 1)


def test_the_page_of_an_asset_says_how_it_stands_and_what_it_is():
    entry = Entry(
        "flights",
        "table",
        "raw",
        description="All **flights**.",
        owners=("team:ops",),
        state="stale",
        reason="landing file changed",
        holds="3 rows",
        structure=Structure(
            (Column("delay", "int64", "In *minutes*", ("never missing",)),), "One row a flight."
        ),
        example=Example(("delay",), frozenset({"delay"}), (("3",), (None,))),
        runs=(Run(NOW - timedelta(days=1), "success", 65.2, "sensor arrivals"),),
    )

    page = pages(entry)["assets/flights.html"]

    assert page.h1.text == "flights"
    standing = page.find(class_="standing").get_text(" ")
    assert "out of date : landing file changed" in " ".join(standing.split())
    assert "1 min 5 s" in standing
    assert page.find("strong", string="flights")
    assert rows(section(page, "Columns")) == [["delay", "int64", "In minutes", "never missing"]]
    assert rows(section(page, "Example rows")) == [["3"], ["missing"]]
    assert "sensor arrivals" in section(page, "Last run").get_text()
    assert page.find("h2", string="Versions") is None


def test_the_index_counts_what_there_is_and_groups_it_from_left_to_right():
    page = pages(
        Entry("flights", "table", "raw", readers=("report",), state="failed", reason="x"),
        Entry("report", "report", "reports", inputs=("flights",)),
    )["index.html"]

    lead = " ".join(page.header.get_text(" ").split())
    assert "1 table · 1 report · 1 failed · 1 never made" in lead
    groups = [row.get_text().strip() for row in page.find_all("tr", class_="group")]
    assert groups == ["raw1", "reports1"]


def test_many_assets_are_shown_by_group_first():
    entries = [Entry(f"t_{n}", "table", "raw" if n < 40 else "features") for n in range(80)]

    page = pages(*entries)["index.html"]

    first, whole = page.find_all("svg", class_="graph")
    assert [node["data-name"] for node in first.find_all("a")] == ["features", "raw"]
    assert {node["aria-label"] for node in first.find_all("a")} == {"raw: 40 assets", "features: 40 assets"}
    assert len(whole.find_all("a")) == 80
    assert whole.find_parent("details") is not None
    names = [row["data-asset"] for row in page.find_all("tr", attrs={"data-asset": True})]
    assert names.index("t_9") < names.index("t_10")


def test_a_large_surrounding_is_cut_and_says_so():
    entries = [
        Entry(
            f"n{n}",
            "table",
            "g",
            inputs=(f"n{n - 1}",) if n else (),
            readers=(f"n{n + 1}",) if n < 49 else (),
        )
        for n in range(50)
    ]

    page = pages(*entries)["assets/n25.html"]

    names = [node["data-name"] for node in page.find("svg", class_="graph").find_all("a")]
    assert names == [f"n{n}" for n in range(13, 38)]
    assert page.figcaption.text.strip() == "Left out: 13 assets further up, 12 assets further down."


def test_nothing_yet_is_a_catalogue_too():
    page = pages()["index.html"]

    assert "There are no assets yet" in page.header.get_text()
    assert page.find("table") is None
