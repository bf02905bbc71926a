"""`try_notebook`, as a person's own test calls it."""

from __future__ import annotations

import shutil
from unittest import SkipTest

import pandas as pd
import pytest

from assetbook.errors import WorkspaceError
from assetbook.testing import TrialFailed, try_notebook, trying
from tests.testing.conftest import TOTALS


@pytest.fixture(autouse=True)
def benches():
    yield
    for bench in trying._BENCHES.values():
        shutil.rmtree(bench.folder, ignore_errors=True)
    trying._BENCHES.clear()


def test_it_returns_what_the_notebook_gave(shop):
    shop.notebook("totals", TOTALS)
    trial = try_notebook("totals", root=shop.root, rows=20)
    assert trial.ok
    assert trial.tables["totals"]["amount"].ge(0).all()
    orders = pd.DataFrame({"customer_id": [1, 1], "amount": [2.0, 3.0]})
    customers = pd.DataFrame({"customer_id": [1], "country": ["JP"]})
    trial = try_notebook("totals", root=shop.root, inputs={"orders": orders, "customers": customers})
    assert trial.tables["totals"].to_dict("records") == [{"country": "JP", "amount": 5.0}]


def test_a_failure_is_a_failed_assertion_and_names_the_cell(shop):
    shop.notebook("wrong", ["1 / 0"])
    with pytest.raises(TrialFailed, match="cell 1, line 1: ZeroDivisionError") as failure:
        try_notebook("wrong", root=shop.root)
    assert isinstance(failure.value, AssertionError)
    kept = str(failure.value).rpartition("Inputs and outputs: ")[2]
    assert kept.startswith(str(next(iter(trying._BENCHES.values())).folder))


def test_nothing_to_load_is_a_skip(shop):
    shop.notebook("seen", ['import assetbook as ab\nab.save("seen", ab.load("notes"))'])
    with pytest.raises(SkipTest, match="Run `assetbook run notes` first"):
        try_notebook("seen", root=shop.root)


def test_a_changed_notebook_is_read_again(shop):
    shop.notebook("one", ["1 / 0"])
    with pytest.raises(TrialFailed):
        try_notebook("one", root=shop.root)
    shop.notebook("one", ["'well enough'"])
    assert try_notebook("one", root=shop.root, again=False).ok


def test_two_notebooks_of_one_name(shop):
    for folder in ("a", "b"):
        shop.notebook(f"{folder}/same", [f'import assetbook as ab\nab.save("{folder}", None)'])
    with pytest.raises(
        WorkspaceError, match=r"'same' means several notebooks\. Name one by its path: notebooks/a/same"
    ):
        try_notebook("same", root=shop.root)
