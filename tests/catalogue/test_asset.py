"""The catalogue as an asset of the workspace."""

from __future__ import annotations

import json

import pytest

ASSET = """
from pathlib import Path

from assetbook.catalogue import catalogue_asset

catalogue = catalogue_asset(Path(__file__).parents[1], owners=["team:docs"])
"""
NUMBERS = [
    "# Numbers\n\nFrom nought.",
    "import assetbook as ab, pandas as pd",
    "ab.save('numbers', pd.DataFrame({'n': range(count)}))",
]
SUMS = ["import assetbook as ab", "ab.save('sums', ab.load('numbers') * 2)"]


@pytest.fixture
def catalogued(workspace):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3")
    workspace.notebook("sums", SUMS)
    workspace.write("assets/catalogue.py", ASSET)
    return workspace


def tasks(answer):
    return {asset: task["state"] for task in json.loads(answer.out)["tasks"] for asset in task["assets"]}


def test_it_is_made_after_all_others_and_then_is_current(catalogued, cli):
    assert tasks(cli("run", "--json")) == {"numbers": "done", "sums": "done", "catalogue": "done"}
    page = catalogued.root / "docs" / "catalogue" / "assets" / "sums.html"
    assert "never made" not in page.read_text("utf-8")

    assert set(tasks(cli("run", "--json")).values()) == {"current"}


def test_it_is_made_anew_when_any_other_asset_has_changed(catalogued, cli):
    cli("run")
    cli("run", "numbers", "-p", "numbers.count=4")

    again = tasks(cli("run", "--json"))

    assert again == {"numbers": "current", "sums": "done", "catalogue": "done"}


def test_it_is_made_anew_when_only_a_description_has_changed(catalogued, cli):
    cli("run")
    catalogued.notebook("numbers", ["# Numbers\n\nFrom one.", *NUMBERS[1:]], parameters="count: int = 3")

    assert tasks(cli("run", "--json")) == {"numbers": "current", "sums": "current", "catalogue": "done"}
    page = catalogued.root / "docs" / "catalogue" / "assets" / "numbers.html"
    assert "From one." in page.read_text("utf-8")


def test_what_is_broken_does_not_keep_it_from_being_made(catalogued, cli):
    catalogued.notebook("broken", ["import assetbook as ab", "ab.save('a' + 'b', 1)"])

    assert tasks(cli("run", "--json"))["catalogue"] == "done"
    assert "has to be computed" in (catalogued.root / "docs/catalogue/assets/broken.html").read_text("utf-8")


def test_what_fails_does_not_either(catalogued, cli):
    catalogued.notebook("sums", ["import assetbook as ab", "ab.load('numbers')", "1 / 0"])

    assert tasks(cli("run", "--json")) == {"numbers": "done", "sums": "failed", "catalogue": "done"}
    page = (catalogued.root / "docs/catalogue/assets/sums.html").read_text("utf-8")
    assert "ZeroDivisionError" in page


def test_nor_does_what_was_never_made(catalogued, cli):
    catalogued.write(
        "assets/arriving.py",
        """
        import assetbook as ab

        @ab.table(landing="{day}.csv", partitions={"day": "daily from 2013-01-01"})
        def arriving(landing): ...
        """,
    )

    assert tasks(cli("run", "--json"))["catalogue"] == "done"
    assert tasks(cli("run", "catalogue", "--json")) == {"catalogue": "current"}


def test_it_does_not_stand_in_itself(catalogued, entries):
    assert list(entries()) == ["numbers", "sums"]
    assert entries()["sums"].readers == ()


def test_it_says_where_to_look(catalogued, open_space, instance):
    space = open_space()
    assert space.run("numbers", "sums", "catalogue").success

    facts = space.latest("catalogue").metadata

    assert facts["open catalogue"].value == "/catalogue/index.html"
    assert facts["page"].value == str(catalogued.root / "docs" / "catalogue" / "index.html")
    assert facts["assets"].value == 2
    (spec,) = [s for s in space.defs.resolve_all_asset_specs() if s.key.path == ["catalogue"]]
    assert (spec.group_name, list(spec.owners)) == ("reports", ["team:docs"])
    assert {dep.asset_key.to_user_string() for dep in spec.deps} == {"numbers", "sums"}
