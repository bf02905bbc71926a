"""Whatever a notebook holds, a plan is made of it, and the plan breaks nothing that was whole."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetbook.contract.source import parse_cell
from assetbook.errors import AssetbookError
from assetbook.promotion.plan import Rejected, make_plan
from assetbook.promotion.request import make_request
from tests.checking.corpus import SAMPLES
from tests.checking.corpus.defects import DEFECTS
from tests.checking.corpus.writing import write_data
from tests.checking.test_any_file import ODD, UNREADABLE, notebook


def planned(path, root):
    """Plan a promotion, with nothing rejected and with everything; hold both against the original."""
    plan = make_plan(make_request(path, root, name="some_name", group=None))
    check(plan)
    check(make_plan(plan.request, Rejected(keys=frozenset(change.key for change in plan.changes))))
    return plan


def check(plan):
    was_broken = {
        cell.index for cell in plan.request.notebook.cells if cell.kind == "code" and is_broken(cell.source)
    }
    for cell in plan.draft.cells:
        if cell.kind == "code" and cell.origin not in was_broken:
            assert not is_broken(cell.source), cell.source
    assert json.loads(plan.content())["nbformat"] == 4
    assert isinstance(plan.diff(), list)


def is_broken(source):
    try:
        parse_cell(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return False


@pytest.mark.parametrize("document", ODD.values(), ids=ODD)
def test_odd_notebooks_have_a_plan(stranger, document):
    path = stranger.file("some.ipynb", json.dumps(document))
    planned(path, stranger.root)


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_notebook_is_said(stranger, content):
    path = stranger.file("some.ipynb", content)
    with pytest.raises(AssetbookError, match=r"some\.ipynb"):
        make_request(path, stranger.root, name=None, group=None)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_notebooks_as_people_write_them_have_a_plan(stranger, sample):
    write_data(stranger.folder)
    chance = Random(sample.name)
    clean = sample.notebook()
    planted = [
        found.document for d in chance.sample(DEFECTS, 8) if (found := d.plant(clean, chance)) is not None
    ]
    for number, made in enumerate([clean, *planted]):
        path = stranger.file(f"some{number}.ipynb", json.dumps(made))
        planned(path, stranger.root)


@given(st.lists(st.text(alphabet="abx01 \n\t=()[]{}:.,'\"%!?#*@\\;é", max_size=60), max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_text_has_a_plan(tmp_path_factory, sources):
    root = tmp_path_factory.getbasetemp() / "any"
    root.mkdir(exist_ok=True)
    (root / "workspace.yaml").touch()
    path = root / "some.ipynb"
    path.write_text(json.dumps(notebook(*sources)), "utf-8")
    planned(path, root)


def test_another_language_is_refused(stranger):
    path = stranger.file(
        "some.ipynb", json.dumps(notebook("x <- 1", kernelspec={"name": "ir", "language": "R"}))
    )
    with pytest.raises(AssetbookError, match="written in R"):
        make_request(path, stranger.root, name=None, group=None)
