from __future__ import annotations

import ast
import re
import shlex
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from assetbook.cli import main as command_line
from assetbook.platform import definitions
from assetbook.platform.broken import BROKEN_TAG
from assetbook.platform.workspace import Workspace
from docs import generate
from tests.docs import pages
from tests.docs.pages import ROOT, Block
from tests.platform.space import Space, failure_of

OTHER_PROGRAMS = {"source", "export", "mlflow"}
REALLY_RUN = ["carrier_punctuality", "busy_routes"]


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


# ---- form


@pytest.mark.parametrize("page", pages.PAGES, ids=page_id)
def test_links_lead_somewhere(page):
    for target in pages.links(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page_id(page)} links to {target}"
        if anchor:
            assert anchor in pages.anchors(found), f"{page_id(page)} links to {target}"


def test_every_page_is_linked_from_another():
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in pages.PAGES
        for target in pages.links(page)
    }
    assert [page_id(page) for page in pages.PAGES if page not in {*linked, ROOT / "README.md"}] == []


def test_every_block_names_its_language():
    assert [str(block) for block in pages.blocks() if not block.language] == []


@pytest.mark.parametrize("block", pages.blocks("python"), ids=str)
def test_python_is_python(block):
    ast.parse(block.text)


@pytest.mark.parametrize("block", pages.blocks("toml", "yaml"), ids=str)
def test_configuration_can_be_read(block):
    assert tomllib.loads(block.text) if block.language == "toml" else yaml.safe_load(block.text)


# ---- the reference


@pytest.mark.parametrize(
    ("path", "text"), generate.pages().items(), ids=lambda value: getattr(value, "name", "")
)
def test_generated_page_is_up_to_date(path, text):
    assert path.read_text("utf-8") == text, "run: python -m docs.generate"


# ---- commands


@pytest.mark.parametrize(("block", "command"), list(pages.commands()), ids=str)
def test_command_exists(block, command):
    program, *arguments = shlex.split(command.partition(" > ")[0], comments=True)
    if program == "assetbook":
        name, *given = arguments
        command_line.commands[name].make_context(name, given)  # an unknown option raises
    elif program == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert set(arguments) <= set(targets)
    else:
        assert program in OTHER_PROGRAMS


# ---- notebooks and files


@pytest.fixture
def documented(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The flights workspace with every notebook and file that the pages spell out."""
    for name in [n for n in sys.modules if n.split(".")[0] in {"assets", "resources", "sensors"}]:
        monkeypatch.delitem(sys.modules, name)
    shutil.copytree(ROOT / "assets", workspace.root / "assets")
    for path, text in pages.files().items():
        workspace.write(path, text)
    for name, cells in pages.notebooks().items():
        workspace.notebook(name, [_source(c) for c in cells if not _sets(c)], parameters=_parameters(cells))
    return workspace


def _parameters(cells: list[Block]) -> str | None:
    return next((_source(cell) for cell in cells if _sets(cell)), None)


def _sets(cell: Block) -> bool:
    return "parameters" in cell.labels


def _source(cell: Block) -> str:
    return cell.text.rstrip("\n")


def test_notebooks_and_files_of_the_documents_are_assets_without_problems(documented):
    specs = definitions(documented.root).resolve_all_asset_specs()

    assert [spec.description for spec in specs if BROKEN_TAG in spec.tags] == []
    sources = {str(spec.metadata.get("notebook source")) for spec in specs}
    assert all(any(f"{name}.ipynb" in source for source in sources) for name in pages.notebooks())


def test_production_resources_of_the_documents_are_taken(documented, monkeypatch):
    monkeypatch.setenv("ASSETBOOK_DEPLOYMENT", "production")
    monkeypatch.setenv("ASSETBOOK_LAKE", "s3://bucket/lake")

    assert Workspace.load(documented.root).resources["io_manager"].root == "s3://bucket/lake"


def test_tutorial_and_some_others_really_run(documented):
    for notebook in (documented.root / "notebooks").glob("*.ipynb"):
        if notebook.stem not in REALLY_RUN:
            notebook.unlink()
    from assets.nycflights13 import deliver  # of this workspace, not of the repository

    deliver(documented.root / "data" / "landing", months=["2013-01"])
    with dg.DagsterInstance.local_temp(str(documented.root)) as instance:
        space = Space(documented.root, instance)
        for names, partition in (
            (["airlines"], None),
            (["flights"], "2013-01"),
            (["carrier_punctuality", "busy_routes", "busy_cities", "long_flights", "long_carriers"], None),
        ):
            result = space.run(*names, partition=partition)
            assert result.success, failure_of(result)
        assert len(space.lake.read("carrier_punctuality")) == 16
        assert space.lake.read("busy_cities")["city"].nunique() == 2
        assert space.lake.read("long_carriers", as_="polars").columns == ["carrier", "len"]
