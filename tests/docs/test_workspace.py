"""All notebooks and files of the documents in one workspace: none of them is in the way of another."""

from __future__ import annotations

import shutil
import sys
from typing import Any

import pytest

from assetbook.platform import definitions
from assetbook.platform.broken import BROKEN_TAG
from assetbook.platform.workspace import Workspace
from tests.docs import pages
from tests.docs.pages import ROOT, Block


@pytest.fixture
def documented(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The assets of flights, with every notebook and file that the pages spell out."""
    for name in [n for n in sys.modules if n.split(".")[0] in {"assets", "resources", "sensors"}]:
        monkeypatch.delitem(sys.modules, name)
    shutil.copytree(ROOT / "assets", workspace.root / "assets")
    for path, text in pages.files().items():
        workspace.write(path, text)
    for name, cells in pages.notebooks().items():
        code = [cell for cell in cells if cell.language == "python"]
        workspace.notebook(name, [_source(c) for c in code if not _sets(c)], parameters=_parameters(code))
    return workspace


def _parameters(cells: list[Block]) -> str | None:
    return next((_source(cell) for cell in cells if _sets(cell)), None)


def _sets(cell: Block) -> bool:
    return "parameters" in cell.labels


def _source(cell: Block) -> str:
    return cell.text.rstrip("\n")


def test_notebooks_and_files_of_the_documents_are_assets_without_problems(documented: Any) -> None:
    specs = definitions(documented.root).resolve_all_asset_specs()

    assert [spec.description for spec in specs if BROKEN_TAG in spec.tags] == []
    sources = {str(spec.metadata.get("notebook source")) for spec in specs}
    assert all(any(f"{name}.ipynb" in source for source in sources) for name in pages.notebooks())


def test_production_resources_of_the_documents_are_taken(
    documented: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSETBOOK_DEPLOYMENT", "production")
    monkeypatch.setenv("ASSETBOOK_LAKE", "s3://bucket/lake")

    assert Workspace.load(documented.root).resources["io_manager"].root == "s3://bucket/lake"
