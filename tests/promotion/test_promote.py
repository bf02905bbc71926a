"""Promotion from the file to the materialized asset, with real kernels."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assetbook.lake import Lake
from assetbook.promotion.promote import Promotion
from assetbook.settings import Settings

from .conftest import source_of

PD = "import pandas as pd"
DEFINITIONS = """
from pathlib import Path
from assetbook.platform import definitions
defs = definitions(Path(__file__).parent)
"""


@pytest.fixture
def promote(stranger, workspace):
    """Run the command in the workspace; return the exit code and its JSON, having seen what nobody may touch."""
    workspace.write("definitions.py", DEFINITIONS)

    def run(*arguments: str, code: int = 0) -> dict:
        before = tree(stranger.folder)
        command = [sys.executable, "-m", "assetbook", "promote", *arguments, "--json"]
        done = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, timeout=170)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert tree(stranger.folder) == before
        return json.loads(done.stdout) if done.stdout else {}

    return run


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def written(root: Path) -> set[str]:
    """Return the files of a workspace, but those that runs and reading leave in ``data``."""
    left = ("data/landing", "data/promotions")
    names = (p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    return {n for n in names if "__pycache__" not in n and (not n.startswith("data/") or n.startswith(left))}


def test_a_notebook_that_works_on_a_machine_becomes_an_asset(stranger, promote, workspace):
    stranger.file("data/sales.csv")
    stranger.file("tools.py", "def double(x):\n    return 2 * x\n")
    notebook = stranger.notebook(
        "# Sales\n\nWhat was sold where.",
        "!pip install pandas\nimport pandas as pd\nfrom tools import double",
        "MIN_SALES = 1.0  # what counts\ndf = pd.read_csv('/home/ana/data/sales.csv')\nprint(len(df))",
        "df['twice'] = double(df.sales)\nbest = df[df.sales > MIN_SALES]\nbest.to_csv('best.csv', index=False)",
        outputs={1: [{"output_type": "stream", "name": "stdout", "text": "3\n"}]},
        name="My Sales.ipynb",
    )
    found = promote(str(notebook), "--yes", "--name", "my_sales")
    assert found["promoted"]
    assert found["notebook"] == "notebooks/my_sales.ipynb"
    assert sorted(found["created"]) == [
        "assets/my_sales.py",
        "assets/tools.py",
        "data/landing/my_sales/sales.csv",
        "notebooks/my_sales.ipynb",
        "tests/test_my_sales.py",
    ]
    assert found["outputs"] == [{"name": "best", "kind": "table"}]
    assert found["parameters"] == [{"name": "MIN_SALES", "type": "float", "default": "1.0"}]
    assert found["differences"] == []
    table = Lake(Settings.load(workspace.root).lake).read("best")
    assert table["twice"].tolist() == [5.0, 8.0]
    assert "schema=best_schema" in (workspace.root / "notebooks/my_sales.ipynb").read_text()
    test = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(test, cwd=workspace.root, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_written_before_somebody_agrees(stranger, promote, workspace):
    stranger.file("sales.csv")
    notebook = stranger.notebook(PD, 'pd.read_csv("sales.csv")')
    before = written(workspace.root)
    found = promote(str(notebook), "--dry-run")
    assert found["inputs"] == [{"name": "raw_sales", "file": "sales.csv", "new": True, "kind": "table"}]
    promote(str(notebook), code=2)  # nobody is there to agree
    assert written(workspace.root) == before


def test_what_cannot_run_leaves_nothing_behind(stranger, promote, workspace):
    stranger.file("sales.csv")
    notebook = stranger.notebook(PD, 'df = pd.read_csv("sales.csv")', "df.nothing_like_this")
    before = written(workspace.root)
    found = promote(str(notebook), "--yes", code=1)
    assert not found["promoted"]
    assert found["created"] == []
    assert "cell 3, line 1: AttributeError" in found["error"]
    assert "The original fails as well when it is run from top to bottom: cell 3" in found["error"]
    assert written(workspace.root) == before


def proved(stranger, *cells, **options):
    promotion = Promotion.of(stranger.request(*cells, **options))
    promotion.prove()
    return promotion


def test_an_output_that_cannot_be_saved_as_it_is_gets_a_shape_that_can(stranger):
    stranger.file("sales.csv")
    promotion = proved(
        stranger,
        PD,
        'df = pd.read_csv("sales.csv")\ndf.describe().to_csv("about.csv")',
        'df.groupby("city").agg({"sales": ["min", "max"]}).to_csv("both.csv")',
        'df.groupby("city").sales.sum().to_csv("sums.csv")',
    )
    assert promotion.proof.trial.ok
    tables = promotion.proof.trial.tables
    assert tables["about"].index.name == "row"
    assert list(tables["both"].columns) == ["sales_min", "sales_max"]
    assert tables["sums"]["sales"].tolist() == [0.0, 6.5]


def test_an_index_that_the_file_did_not_have_does_not_come_into_the_table(stranger):
    stranger.file("sales.csv")
    promotion = proved(
        stranger, PD, 'df = pd.read_csv("sales.csv").set_index("id")\ndf.to_csv("all.csv", index=False)'
    )
    assert list(promotion.proof.trial.tables["sales_all"].reset_index(drop=True).columns) == ["city", "sales"]
    assert ".reset_index(drop=True)" in source_of(promotion.plan)


def test_differences_are_told_apart_from_those_of_the_notebook_itself(stranger):
    stranger.file("sales.csv")
    shown = {"output_type": "stream", "name": "stdout"}
    promotion = proved(
        stranger,
        PD,
        'df = pd.read_csv("sales.csv")\nprint(len(df))',
        "import os\nprint(sorted(os.listdir('.')))",
        outputs={1: [{**shown, "text": "99\n"}], 2: [{**shown, "text": "['sales.csv', 'sales.ipynb']\n"}]},
    )
    assert [str(d) for d in promotion.proof.own] == ["cell 2: prints 3 instead of 99"]
    assert [d.cell for d in promotion.proof.caused] == [3]


def test_a_cell_that_failed_and_was_gone_on_after_may_fail(stranger):
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'a'", "traceback": []}
    promotion = proved(stranger, "x = {}\nx['a']", "y = 1", counts=[1, 2], outputs={0: [error]})
    assert promotion.proof.trial.ok
    assert promotion.plan.draft.cells[0].tags == {"raises-exception"}


def test_a_sample_is_enough_to_try(stranger):
    stranger.file("sales.csv")
    promotion = Promotion.of(stranger.request(PD, 'df = pd.read_csv("sales.csv")', "df.to_csv('again.csv')"))
    proof = promotion.prove(rows=2)
    assert proof.trial.ok
    assert len(proof.trial.tables["again"]) == 2
    assert list(promotion.find_schemas(sampled=True)) == ["raw_sales"]


def test_a_notebook_of_the_workspace_is_changed_in_place_and_its_original_kept(stranger, promote, workspace):
    workspace.write("numbers.csv", "n\n1\n2\n")
    path = workspace.notebook("reports/numbers", [PD, 'pd.read_csv("numbers.csv").sum()'])
    original = path.read_bytes()
    found = promote(str(path), "--yes")
    assert found["notebook"] == "notebooks/reports/numbers.ipynb"
    assert path.read_bytes() != original
    (kept,) = (workspace.root / "data/promotions").iterdir()
    assert kept.read_bytes() == original


def test_what_is_there_already_is_not_overwritten(stranger, promote, workspace):
    stranger.file("sales.csv")
    workspace.write("data/landing/sales/sales.csv", "other")
    notebook = stranger.notebook(PD, 'pd.read_csv("sales.csv")')
    before = written(workspace.root)
    promote(str(notebook), "--yes", code=2)
    assert written(workspace.root) == before
    assert (workspace.root / "data/landing/sales/sales.csv").read_text() == "other"
