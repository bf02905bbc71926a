from __future__ import annotations

import json
import subprocess

import pytest

from tests.cli.conftest import COMMAND, environment

NUMBERS = ["import pandas as pd, assetbook as ab", "ab.save('numbers', pd.DataFrame({'n': range(count)}))"]
PARAMETERS = """count: int = 1234  # how many
names: list[str] = []
sizes: dict[str, int] = {}"""
SCORE = [
    "import assetbook as ab",
    "ab.load('numbers')",
    "ab.metric('auc', 0.76123)\nab.metric('gain', 109119.4)",
]
PARTS = """
import pandas as pd
import assetbook as ab

@ab.table(landing="parts/{part}.csv", partitions={"part": ["a", "b", "c"]})
def parts(landing, part):
    return pd.read_csv(landing)
"""


@pytest.fixture
def space(workspace):
    workspace.notebook("numbers", NUMBERS, parameters=PARAMETERS)
    workspace.notebook("score", SCORE)
    workspace.write("assets/parts.py", PARTS)
    for part in "ab":
        workspace.write(f"data/landing/parts/{part}.csv", "n\n" + "1\n" * 600)
    return workspace


def test_everything_runs_once_and_says_what_it_gave_and_why(space, cli):
    first = cli("run")

    assert (first.code, first.err) == (0, "")
    lines = [" ".join(line.split()) for line in first.out.splitlines()]
    assert "▸ parts[a] never materialized" in lines
    assert any(line.startswith("✓ numbers") and line.endswith("s never materialized") for line in lines)
    (numbers,) = [line for line in lines if line.startswith("numbers features")]
    assert numbers.startswith("numbers features 1,234 rows")
    assert numbers.endswith("✓ done never materialized")
    assert any(
        line.startswith("parts raw 1,200 rows in 2 partitions") and "✓ 2 done" in line for line in lines
    )
    assert any(line.startswith("score reports auc 0.761 · gain 109,119") for line in lines)
    assert "\x1b" not in first.out

    again = cli("run")
    assert again.code == 0
    assert "▸" not in again.out
    assert "nothing changed since" in again.out
    assert "4 current in" in again.out

    found = json.loads(
        cli("run", "--json", "-p", "numbers.count=2", "numbers", "parts", "--partition", "b").out
    )
    assert found["ok"]
    assert not found["stopped"]
    assert [
        (t["assets"], t["partition"], t["state"], t["reason"]) for t in found["tasks"] if t["state"] == "done"
    ] == [(["numbers"], None, "done", "count is 2, was 1234")]
    assert found["assets"]["numbers"]["rows"] == 2
    assert found["assets"]["parts"]["partitions"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nubmers"], "names 'nubmers', which is no asset here. Did you mean 'numbers'?"),
        (["numbers or"], "cannot be read. Syntax"),
        (["-p", "numbers.count"], "expected ASSET.NAME=VALUE"),
        (["-p", "count=3"], "expected ASSET.NAME=VALUE"),
        (["-p", "nubmers.count=3"], "no such asset. Did you mean 'numbers'?"),
        (["score", "-p", "numbers.count=3"], "numbers is not selected"),
        (["-p", "numbers.cuont=3"], "has no parameter 'cuont'. Did you mean 'count'?"),
        (["-p", "numbers.count=three"], "--param numbers.count=three: expected int"),
        (["-p", "numbers.count=three"], "Write --param numbers.count=200, say."),
        (["-p", "numbers.names=[1"], "Write --param numbers.names=text,text, say."),
        (["-p", "numbers.sizes=1"], """Write --param 'numbers.sizes={"text": 200}', say."""),
        (["-p", "parts.part=a"], "parts is no notebook and has no parameters"),
        (["--partition", "z"], "parts has no partition 'z'; it has 3 (a to c)"),
        (["numbers", "--partition", "a"], "none of the selected assets has partitions"),
    ],
)
def test_a_mistake_in_the_command_is_one_line_and_nothing_runs(space, cli, arguments, message):
    answer = cli("run", *arguments)

    assert answer.code == 2
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert not (space.root / "data" / "lake").exists()


def test_a_parameter_bound_to_the_partition_is_set_by_the_partition(workspace, cli):
    cells = ["import assetbook as ab\nab.asset(partitions={'part': ['a', 'b']})", "ab.save('parts', None)"]
    workspace.notebook("parts", cells, parameters="part: str = 'a'")

    answer = cli("run", "-p", "parts.part=b")

    assert answer.code == 2
    assert "'part' receives the partition key. Use --partition b." in answer.err


def test_failures_come_last_in_full_and_the_rest_has_run(workspace, cli):
    workspace.notebook("bad", ["import assetbook as ab", "total = 1 / 0", "ab.save('bad', total)"])
    workspace.notebook("after", ["import assetbook as ab", "ab.save('after', ab.load('bad'))"])
    workspace.notebook("odd", ["import assetbook as ab", "ab.save(input(), None)"])
    workspace.write("assets/parts.py", PARTS)
    workspace.write("data/landing/parts/a.csv", "n\n1\n")

    answer = cli("run", "--no-color")

    assert answer.code == 1
    table, _, failures = answer.out.partition("\n\n✗ bad\n")
    assert "○ blocked" in table
    assert "bad failed" in table
    assert "\n→ 1 total = 1 / 0\n" in failures
    assert "bad.ipynb, cell 2, line 1: ZeroDivisionError: division by zero\n" in failures
    assert "```" not in failures
    assert "notebooks/odd.ipynb" in failures
    assert answer.out.splitlines()[-1].startswith("1 ran, 1 failed, 1 not run, 1 broken in ")
    assert "Traceback" not in answer.err

    listed = cli("ls")
    assert "broken" in listed.out
    assert "✗ notebooks/odd.ipynb" in listed.out


def test_whoever_stops_reading_stops_no_run(space):
    with subprocess.Popen(
        [*COMMAND, "run", "parts", "numbers"],
        cwd=space.root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()  # as `| head -1` does
        errors = process.stderr.read()

    assert (process.returncode, errors) == (0, "")
    assert (space.root / "data" / "lake" / "features" / "numbers").is_dir()


@pytest.mark.parametrize("columns", ["", "wide", "0", "60"])
def test_a_width_that_is_no_number_is_no_error(space, cli, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)

    shown = cli("ls")

    assert shown.code == 0
    assert ("inputs" in shown.out) == (columns != "60")


def test_an_input_that_was_never_made_is_named_with_the_command_that_makes_it(space, cli):
    answer = cli("run", "score")

    assert answer.code == 1
    assert "numbers was never materialized: assetbook run +score" in answer.out


def test_no_workspace_here_is_one_line(tmp_path, cli, monkeypatch):
    monkeypatch.chdir(tmp_path)

    answer = cli("run")

    assert answer.code == 2
    assert answer.err.startswith("error: No workspace here")


def test_what_is_in_dotenv_reaches_the_run_and_what_is_set_goes_before_it(space, cli, monkeypatch):
    space.write(".env", "DAGSTER_HOME=home\nASSETBOOK_LAKE=elsewhere\nA_SECRET=from the file\n")
    monkeypatch.setenv("A_SECRET", "from the shell")
    monkeypatch.delenv("ASSETBOOK_LAKE", raising=False)

    answer = cli("run", "parts")
    monkeypatch.delenv("ASSETBOOK_LAKE", raising=False)

    assert answer.code == 0
    assert (space.root / "elsewhere" / "raw" / "parts").is_dir()
    assert (space.root / "home" / "dagster.yaml").is_file()
    import os

    assert os.environ["A_SECRET"] == "from the shell"
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setenv("ASSETBOOK_DATA", "other")
    assert cli("home").out == f"DAGSTER_HOME={space.root / 'other' / 'dagster'}\n"
