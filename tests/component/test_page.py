"""The page on notebooks in a project of one's own, from top to bottom: its files are written, its commands run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from assetbook.settings import Settings
from tests.component.conftest import Project
from tests.docs.pages import ROOT, Block, blocks

PAGE = ROOT / "docs" / "how-to" / "any-dagster-project.md"
BLOCKS = [block for block in blocks() if block.page == PAGE]
NOTEBOOK = "src/shop/defs/sales/notebooks/daily_revenue.ipynb"


def test_every_block_of_the_page_is_used() -> None:
    assert [
        str(block)
        for block in BLOCKS
        if block.language not in ("bash", "text") and not (block.label("project") or block.label("plain"))
    ] == []


def test_the_component_as_the_page_has_it(created: Project) -> None:
    said = [_do(created, block) for block in BLOCKS]

    assert "RUN_SUCCESS" in "".join(said)
    assert (created.root / "data/lake/features/daily_revenue").is_dir()
    assert (created.root / "data/records/shop/defs/sales/notebooks/daily_revenue").is_dir()
    assert Settings.of_project(created.defs).data == created.root / "var/assetbook"
    created.call("dg", "launch", "--assets", "customers,customer_table")
    assert (created.root / "var/assetbook/lake/default/customer_table").is_dir()


def test_the_message_that_the_page_shows_is_what_is_said(created: Project) -> None:
    for block in BLOCKS:
        if block.label("project"):
            _do(created, block)
    (shown,) = (block.text.strip() for block in BLOCKS if block.language == "text")
    created.write(
        "src/shop/defs/sales/defs.yaml",
        _text("src/shop/defs/sales/defs.yaml").replace(": notebooks", ": notebok"),
    )

    said = created.call("dg", "check", "defs", code=1)

    assert shown in said.replace(f"{created.root}/", "")


def test_the_call_as_the_page_has_it(project: Project) -> None:
    project.write("pyproject.toml", "[tool.dagster]\nmodule_name = 'shop.definitions'\n")
    project.write("src/shop/assets.py", _text("src/shop/defs/orders.py"))
    project.notebook("src/shop/notebooks/daily_revenue.ipynb", list(_cells()))
    project.write("src/shop/definitions.py", _text("src/shop/definitions.py"))
    target = ["-m", "shop.definitions", "-d", "src"]

    project.call("dagster", "definitions", "validate", *target)
    project.call("dagster", "asset", "materialize", *target, "--select", "orders,daily_revenue,best_day")

    assert (project.root / "data/lake/features/daily_revenue").is_dir()


def _do(project: Project, block: Block) -> str:
    """Write the file of a block, or run its commands and return what they say."""
    path = block.label("project")
    if path == NOTEBOOK:
        project.notebook(path, list(_cells()))
    elif path == "pyproject.toml":
        project.write(path, (project.root / path).read_text() + block.text)
    elif path:
        project.write(path, block.text)
    elif block.language == "bash":
        return "".join(_run(project, line) for line in block.text.splitlines())
    return ""


def _run(project: Project, line: str) -> str:
    command = shlex.split(line)
    if command == ["pip", "install", "assetbook"]:  # what these tests are run with
        return ""
    return project.call(*command)


def _text(path: str) -> str:
    (found,) = (block.text for block in BLOCKS if path in (block.label("project"), block.label("plain")))
    return found


def _cells() -> Iterator[str]:
    return (block.text for block in BLOCKS if block.label("project") == NOTEBOOK)
