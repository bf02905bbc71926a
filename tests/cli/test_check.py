"""`assetbook check`: what it prints, what it changes, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import environment

BROKEN = "import numpy as np\nprint(total)\nages = np.zeros(3, dtype=np.int)\n"
CLEAN = "import json\nprint(json.dumps(1))"


@pytest.fixture
def notebooks(workspace):
    workspace.notebook("broken", [BROKEN])
    workspace.notebook("clean", [CLEAN])
    return workspace


def test_findings_are_grouped_by_notebook_with_their_lines(cli, notebooks):
    answer = cli("check", "--ignore", "AB305,AB7,AB8")
    assert answer.code == 1
    assert answer.out == (
        "notebooks/broken.ipynb\n"
        "  cell 1:2   error   AB201  The name 'total' is not defined in any cell.\n"
        "    │ print(total)\n"
        "    │       ^^^^^\n"
        "    → Define it in a cell above, or take its use out.\n"
        f"  cell 1:3   error   AB104  {removed()}\n"
        "    │ ages = np.zeros(3, dtype=np.int)\n"
        "    │                          ^^^^^^\n"
        "    → Use int.  (--fix does it)\n"
        "\n"
        "2 errors in 2 notebooks.\n"
    )


def removed() -> str:
    from importlib.metadata import version

    return f"numpy 1.24 has removed numpy.int (installed: {version('numpy')})."


def test_nothing_found(cli, notebooks):
    answer = cli("check", "notebooks/clean.ipynb", "--ignore", "AB305,AB7")
    assert (answer.code, answer.out) == (0, "1 notebook checked, nothing found.\n")


def test_json_is_for_programs(cli, notebooks):
    answer = cli("check", "--json", "--select", "AB201")
    found = json.loads(answer.out)
    assert answer.code == 1
    assert found["notebooks"] == ["notebooks/broken.ipynb", "notebooks/clean.ipynb"]
    assert [(f["code"], f["notebook"], f["cell"], f["line"], f["column"]) for f in found["findings"]] == [
        ("AB201", "notebooks/broken.ipynb", 1, 2, 7)
    ]


def test_sarif_is_for_code_hosts(cli, notebooks):
    log = json.loads(cli("check", "--sarif").out)
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["name"] == "assetbook"
    result = run["results"][0]
    assert result["ruleId"] == "AB201" == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
    location = result["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "notebooks/broken.ipynb"
    assert location["physicalLocation"]["region"]["snippet"]["text"] == "print(total)"
    assert location["logicalLocations"][0]["name"] == "cell 1, line 2"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 1),
        (["--fail-on", "note"], 1),
        (["--select", "AB4"], 0),
        (["--ignore", "AB201,AB104"], 0),
        (["--select", "AB305", "--fail-on", "note"], 1),
        (["--select", "AB305"], 0),
    ],
)
def test_exit_codes(cli, notebooks, arguments, code):
    assert cli("check", *arguments).code == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.ipynb"], "nowhere.ipynb: there is no such file or folder."),
        (["resources"], "There are no notebooks in resources."),
        (["--select", "AB9"], "--select: there is no rule 'AB9'."),
        (["--explain", "missing-modul"], "There is no rule 'missing-modul'. Did you mean 'missing-module'?"),
    ],
)
def test_mistakes_in_the_command(cli, notebooks, arguments, message):
    answer = cli("check", *arguments)
    assert answer.code == 2
    assert message in answer.err


def test_explain(cli, notebooks):
    answer = cli("check", "--explain", "AB101")
    assert answer.code == 0
    assert answer.out.startswith("AB101 missing-module  error\nA module is imported")
    assert "import cv3" in answer.out
    assert cli("check", "--explain", "missing-module").out == answer.out


def test_fix_changes_the_lines_that_it_mends_and_nothing_else(cli, notebooks):
    path = notebooks.root / "notebooks/broken.ipynb"
    before = path.read_text()
    answer = cli("check", "--fix")
    assert answer.code == 1
    assert "broken.ipynb: mended 1 finding" in answer.err
    assert "AB104" not in answer.out
    assert path.read_text() == before.replace("dtype=np.int)", "dtype=int)")


def test_diff_shows_source_lines_and_changes_nothing(cli, notebooks):
    path = notebooks.root / "notebooks/broken.ipynb"
    before = path.read_bytes()
    answer = cli("check", "--diff")
    assert answer.code == 0
    assert answer.out == (
        "--- notebooks/broken.ipynb, cell 1\n"
        "+++ notebooks/broken.ipynb, cell 1\n"
        "@@ -2,2 +2,2 @@\n"
        " print(total)\n"
        "-ages = np.zeros(3, dtype=np.int)\n"
        "+ages = np.zeros(3, dtype=int)\n"
    )
    assert path.read_bytes() == before


def test_settings_of_the_workspace(cli, notebooks):
    notebooks.write(
        "pyproject.toml",
        """
        [tool.assetbook.check]
        ignore = ["AB104"]
        notebooks = { "notebooks/broken.ipynb" = ["AB201"] }
        """,
    )
    assert cli("check").code == 0
    notebooks.write("pyproject.toml", '[tool.assetbook.check]\nexclude = ["*/broken.ipynb"]\n')
    assert "1 notebook checked" in cli("check").out
    assert cli("check", "notebooks/broken.ipynb").code == 1  # named, it is checked all the same


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('selct = ["AB1"]', "unknown setting 'selct'. Did you mean 'select'?"),
        ('select = ["XY1"]', "there is no rule 'XY1'"),
        ('select = "AB1"', "expected a list of texts"),
        ('level = "bad"', "expected one of error, warning, note"),
        ("max-cells = 0", "expected a number from 1"),
    ],
)
def test_wrong_settings(cli, notebooks, line, message):
    notebooks.write("pyproject.toml", f"[tool.assetbook.check]\n{line}\n")
    answer = cli("check")
    assert answer.code == 2
    assert message in answer.err


def test_it_works_without_a_workspace(cli, workspace):
    (workspace.root / "workspace.yaml").unlink()
    workspace.notebook("clean", [CLEAN])
    assert cli("check").out.startswith("1 notebook checked, nothing found.")


def test_it_imports_nothing_heavy(notebooks):
    code = (
        "import sys\nfrom assetbook.cli import main\n"
        "try:\n    main(['check'], prog_name='assetbook')\nexcept SystemExit:\n    print(*sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=notebooks.root,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert not loaded & {"dagster", "mlflow", "pandas", "numpy", "IPython", "nbformat", "sqlglot", "sklearn"}
