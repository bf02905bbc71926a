"""`assetbook test`: what it prints and how it ends."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.testing.conftest import SHOP, TOTALS


@pytest.fixture
def shop(workspace, tmp_path, monkeypatch):
    """A workspace with a notebook of each ending, and a folder of its own for temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    workspace.write("assets/shop.py", SHOP)
    workspace.notebook("totals", TOTALS, parameters="least: float = 0.0")
    workspace.notebook("wrong", ["x = 0", "1 / x"])
    workspace.notebook("seen", ['import assetbook as ab\nab.save("seen", ab.load("notes"))'])
    return workspace


def test_a_line_for_each_notebook_failures_in_full_and_totals(cli, shop, tmp_path):
    answer = cli("test", "--rows", "20", "--no-color")
    assert answer.code == 1
    lines = re.sub(r"\d+\.\d s", "N s", answer.out).splitlines()
    assert [" ".join(line.split()) for line in lines[:3]] == [
        "✗ N s wrong",
        "– seen there is nothing to load as 'notes'. Run `assetbook run notes` first, or declare a schema for it.",
        "✓ N s totals totals 3 rows",
    ]
    assert (
        "\n✗ wrong\nnotebooks/wrong.ipynb, cell 2, line 1: ZeroDivisionError: division by zero\n"
        in answer.out
    )
    assert lines[-1] == "1 passed, 1 failed, 1 skipped in N s"
    kept = answer.out.split("Inputs and outputs of wrong: ")[1].splitlines()[0]
    assert Path(kept, "first", "notebook.ipynb").is_file()
    assert [folder.name for folder in (tmp_path / "tmp").glob("assetbook-test-*/*")] == ["wrong"]


def test_json_for_programs(cli, shop):
    answer = cli("test", "totals", "--json", "--once", "--param", "totals.least=2")
    found = json.loads(answer.out)
    assert answer.code == 0
    assert found["ok"] is True
    (trial,) = found["trials"]
    assert (trial["name"], trial["status"], trial["rows"]) == ("totals", "passed", {"totals": 3})
    assert trial["parameters"] == {"least": 2.0}
    assert {i["name"]: i["made"] for i in trial["inputs"]} == {"customers": True, "orders": True}


def test_names_may_be_files_and_what_passes_may_be_kept(cli, shop, tmp_path):
    answer = cli("test", "notebooks/totals.ipynb", "--keep", "--once")
    assert answer.code == 0
    kept = Path(answer.out.split("Inputs and outputs of totals: ")[1].splitlines()[0])
    assert (kept / "lake" / "inputs" / "orders").is_dir()
    shutil.rmtree(kept.parent)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["total"], "There is no notebook 'total'. Did you mean 'totals'?"),
        (["orders"], "'orders' is no notebook, and notebooks are what is tested."),
        (["totals", "-p", "least=1"], "--param least=1: expected NOTEBOOK.NAME=VALUE"),
        (["totals", "-p", "wrong.x=1"], "--param wrong.x=1: wrong is not tested."),
        (["totals", "-p", "totals.most=1"], "There is no parameter 'most'. Known: least."),
        (["totals", "-p", "totals.least=much"], "expected float, such as"),
        (["--rows", "0"], "Invalid value for '--rows'"),
    ],
)
def test_mistakes_in_the_command(cli, shop, arguments, message):
    answer = cli("test", *arguments)
    assert answer.code == 2
    assert message in answer.err


def test_a_workspace_without_notebooks(cli, workspace):
    answer = cli("test")
    assert (answer.code, answer.out) == (0, "\nThere is no notebook to test.\n")


def test_inputs_can_be_saved(cli, shop):
    import pandas as pd

    from assetbook.lake import Lake

    answer = cli("test", "totals", "--once", "--save-inputs")
    assert "The lake has no rows of a raw table that these notebooks load." in answer.err
    lake = Lake(shop.root / "data" / "lake")
    orders = lake.stage(
        "orders", pd.DataFrame({"customer_id": [1], "amount": [2.0]}), group="raw", run_id="x"
    )
    lake.publish([orders], stamp={})
    answer = cli("test", "totals", "--once", "--save-inputs")
    assert (answer.code, answer.err.split()[0]) == (0, "tests/inputs/orders.parquet")
