"""Every fenced block of the documents is executed, or a reason is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.pages import ROOT, Block
from tests.docs.reader import Reader
from tests.docs.ways import NOT_EXECUTED, reason, way

FOLLOWED = [
    page for page in pages.PAGES if any(way(block) for block in pages.blocks_of(page) if not reason(block))
]


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.timeout(900)  # the first one waits for the first run of the workspace
@pytest.mark.parametrize("page", FOLLOWED, ids=page_id)
def test_page_is_as_it_says(reader: Reader, page: Path) -> None:
    reader.follow(page)


@pytest.mark.parametrize("block", pages.blocks(), ids=str)
def test_block_is_executed_or_has_a_reason(block: Block) -> None:
    assert way(block) or reason(block), (
        f"{block}: nothing executes this block. Give its fence one of the labels of tests/docs/ways.py, or a reason in "
        "NOT_EXECUTED there."
    )


@pytest.mark.parametrize("start", NOT_EXECUTED)
def test_reason_is_needed(start: str) -> None:
    assert [block for block in pages.blocks() if block.text.startswith(start)]
