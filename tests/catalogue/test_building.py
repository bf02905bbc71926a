"""The folder of a catalogue: what is written into it, and what is left alone."""

from __future__ import annotations

import pytest

from assetbook.catalogue import build
from assetbook.errors import WorkspaceError
from assetbook.settings import Settings


def test_it_is_built_below_the_workspace_and_shows_every_asset(people, site):
    folder = site().folder

    assert folder == people.root / "docs" / "catalogue"
    assert {path.name for path in (folder / "assets").iterdir()} == {
        "people.html",
        "ages.html",
        "report.html",
    }
    assert not [path for path in folder.rglob(".*") if path.name != ".pages"]


def test_pages_of_assets_that_are_gone_are_deleted_and_nothing_else(people, site):
    folder = site().folder
    (folder / "assets" / "mine.html").write_text("mine")
    (folder / "notes.txt").write_text("mine")
    (people.root / "notebooks" / "hr" / "report.ipynb").unlink()

    site()

    assert {path.name for path in (folder / "assets").iterdir()} == {"people.html", "ages.html", "mine.html"}
    assert (folder / "notes.txt").read_text() == "mine"


def test_what_is_listed_cannot_lead_out_of_the_folder(people, site):
    folder = site().folder
    outside = people.root / "docs" / "other.html"
    outside.write_text("mine")
    with (folder / ".pages").open("a") as listed:
        listed.write("\n../other.html\n../../pyproject.toml")

    site()

    assert outside.exists()


def test_the_pages_of_others_are_not_overwritten(workspace, instance):
    workspace.write("public/index.html", "mine")

    with pytest.raises(WorkspaceError, match=r"index\.html is no page of a catalogue.*--out"):
        build(Settings.load(workspace.root), instance, out=workspace.root / "public")

    assert (workspace.root / "public" / "index.html").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_named(workspace, instance):
    workspace.write("docs", "a file")

    with pytest.raises(WorkspaceError, match=r"The catalogue cannot be written to .*catalogue: "):
        build(Settings.load(workspace.root), instance)


def test_a_workspace_without_assets_has_a_catalogue(workspace, site):
    assert "There are no assets yet" in site().index.header.get_text()


def test_building_runs_no_notebook_and_makes_nothing_else(people, site):
    before = {
        path for path in people.root.rglob("*") if "docs" not in path.parts and "cache" not in path.parts
    }

    site()

    after = {
        path for path in people.root.rglob("*") if "docs" not in path.parts and "cache" not in path.parts
    }
    assert {
        path for path in after - before if "__pycache__" not in path.parts and path.name != "data"
    } == set()
