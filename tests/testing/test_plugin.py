"""pytest with notebooks among its tests: what is collected, how failures read, and that it costs nothing unasked."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.testing.conftest import TOTALS

ROOT = Path(__file__).parents[2]
LIGHT = ("declare", "errors", "words", "testing", "testing.model", "testing.plugin", "testing.trying")
LARGE = """
import assetbook as ab
import pandas as pd
ab.check("large", False)
ab.save("little", pd.DataFrame({"n": [1]}))
"""


@pytest.fixture
def run_pytest(shop):
    """Run pytest in the workspace, with this plugin alone."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ASSETBOOK_DATA", "DAGSTER", "PYTEST"))}
    environment = {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "TMPDIR": str(shop.root.parent)}

    def call(*arguments):
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "assetbook.testing.plugin",
            "-p",
            "no:cacheprovider",
            *arguments,
        ]
        done = subprocess.run(
            command, cwd=shop.root, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return call


@pytest.fixture
def notebooks(shop):
    """One notebook that passes, one that fails, and files that are none of the workspace's notebooks."""
    shop.notebook("sales/totals", TOTALS)
    shop.notebook("wrong", ["x = 0", "y = 1\ny / x"])
    shop.notebook("_draft", ["1 / 0"])
    shop.notebook("../elsewhere", ["1 / 0"])
    shop.write("tests/test_own.py", "def test_own():\n    pass\n")
    return shop


def test_notebooks_are_collected_only_when_asked_for(notebooks, run_pytest):
    assert "tests/test_own.py::test_own\n\n1 test collected" in run_pytest("--collect-only", "-q")[1]
    found = run_pytest("--collect-only", "-q", "--assetbook")[1].splitlines()
    items = [
        "notebooks/wrong.ipynb::wrong",
        "notebooks/sales/totals.ipynb::totals",
        "tests/test_own.py::test_own",
    ]
    assert sorted(line for line in found if "::" in line) == sorted(items)
    assert "notebooks/wrong.ipynb::wrong" in run_pytest("--collect-only", "-q", "notebooks/wrong.ipynb")[1]
    assert "no tests collected" in run_pytest("--collect-only", "-q", "notebooks/_draft.ipynb")[1]
    notebooks.write("notebooks/text.py", "# %%\nprint(1)\n")
    notebooks.write("notebooks/module.py", "x = 1\n")
    assert run_pytest("--collect-only", "-q", "--assetbook", "notebooks")[1].count("::") == 3
    assert "notebooks/text.py::text" in run_pytest("--collect-only", "-q", "--assetbook", "-k", "text")[1]
    assert "totals.ipynb::totals" in run_pytest("--collect-only", "-q", "--assetbook", "-k", "totals")[1]


def test_the_settings_ask_for_them_beside_test_paths(notebooks, run_pytest):
    notebooks.write("pytest.ini", "[pytest]\nassetbook = true\ntestpaths = tests\n")
    found = run_pytest("--collect-only", "-q")[1]
    assert "tests/test_own.py::test_own" in found
    assert "notebooks/wrong.ipynb::wrong" in found
    assert "wrong" not in run_pytest("--collect-only", "-q", "tests")[1]


def test_failures_read_as_those_of_a_run(notebooks, run_pytest):
    code, text = run_pytest(
        "--assetbook", "--assetbook-rows", "30", "--junit-xml", "junit.xml", "-W", "error"
    )
    assert code == 1
    assert "1 failed, 2 passed" in text
    assert "notebooks/wrong.ipynb, cell 2, line 2: ZeroDivisionError: division by zero" in text
    assert "→ 2 y / x" in text
    assert "bench.py" not in text
    assert "FAILED notebooks/wrong.ipynb::wrong" in text
    suite = ElementTree.parse(notebooks.root / "junit.xml").getroot()[0]
    failed = {case.get("name"): case.find("failure") is not None for case in suite.iter("testcase")}
    assert failed == {"totals": False, "wrong": True, "test_own": False}
    rows = {found.get("name"): found.get("value") for found in suite.iter("property")}
    assert rows == {"rows of totals": "3"}


def test_skips_and_remarks_are_told(shop, run_pytest):
    shop.notebook("seen", ['import assetbook as ab\nab.save("seen", ab.load("notes"))'])
    shop.notebook("little", [LARGE])
    code, text = run_pytest("--assetbook", "-rs")
    assert code == 0
    assert "1 passed, 1 skipped" in text
    assert "there is nothing to load as 'notes'" in text
    assert "notebooks/little.ipynb: check large on 'little', cell 1, line 3: fails on this sample." in text
    assert not list(shop.root.parent.glob("assetbook-test-*"))
    code, text = run_pytest("--assetbook", "--assetbook-strict", "--assetbook-once", "-k", "little")
    assert code == 1
    assert "check large on 'little', cell 1, line 3: fails on this sample." in text
    assert len(list(shop.root.parent.glob("assetbook-test-*/little"))) == 1  # to look into


def test_a_test_of_ones_own_finds_the_workspace_of_its_file(notebooks, run_pytest):
    own = """
    from assetbook.testing import try_notebook

    def test_totals():
        assert try_notebook("totals", rows=20, again=False).rows == {"totals": 3}

    def test_wrong():
        try_notebook("wrong")
    """
    notebooks.write("tests/test_own.py", own)
    code, text = run_pytest("tests", f"--rootdir={notebooks.root}")
    assert code == 1
    assert "1 failed, 1 passed" in text
    assert 'try_notebook("wrong")' in text
    assert "notebooks/wrong.ipynb, cell 2, line 2: ZeroDivisionError" in text
    assert "def try_notebook" not in text


def test_it_costs_nothing_where_nobody_asks():
    code = "import sys, assetbook.testing.plugin; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"dagster", "pandas", "numpy", "pandera", "mlflow", "IPython", "nbformat"} & set(loaded)
    own = {name for name in loaded if name.startswith("assetbook.")}
    assert own <= {f"assetbook.{n}" for n in LIGHT}


def test_it_is_announced_to_pytest():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"assetbook": "assetbook.testing.plugin"}
