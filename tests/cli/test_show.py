from __future__ import annotations

import json

import pytest

from assetbook.cli.versions import Version, model_versions
from assetbook.record import Record

NUMBERS = [
    "# Numbers\n\nFrom nought *upwards*.",
    "import pandas as pd, assetbook as ab",
    "ab.save('numbers', pd.DataFrame({'n': range(count)}))\nab.check('some', count > 0, description='There are some.')",
]
PYTHON = """
import dagster as dg
import pandas as pd
import assetbook as ab

@ab.table(landing="parts/{part}.csv", partitions={"part": ["a", "b", "c"]})
def parts(landing, part):
    \"\"\"Parts, as they come.

    More of them.
    \"\"\"
    return pd.read_csv(landing)

@dg.asset
def nothing() -> None: ...

@dg.asset
def deep(parts):
    try:
        return parts.apply(lambda row: row["nope"], axis=1)
    except KeyError as error:
        raise ValueError("no such column") from error
"""


@pytest.fixture
def space(workspace):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3  # how many")
    workspace.write("assets/python.py", PYTHON)
    for part in "ab":
        workspace.write(f"data/landing/parts/{part}.csv", "n\n1\n")
    return workspace


def lines(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def test_ls_tells_what_there_is_before_and_after_runs(space, cli):
    assert "never" in cli("ls").out
    assert cli("run", "parts", "numbers").code == 0

    rows = {row["asset"]: row for row in json.loads(cli("ls", "--json").out)}
    assert rows["numbers"]["rows"] == 3
    assert rows["numbers"]["source"] == "notebooks/numbers.ipynb"
    assert rows["numbers"]["problem"] is None
    assert {rows[name]["source"] for name in ("parts", "nothing", "deep")} == {"assets/python.py"}
    found = json.loads(cli("ls", "--json", "group:raw", "numbers").out)
    assert {row["asset"] for row in found} == {"parts", "numbers"}


def test_an_empty_workspace_has_nothing_to_list(workspace, cli):
    assert cli("ls").out.startswith("There are no assets yet")
    assert json.loads(cli("ls", "--json").out) == []


def test_before_the_first_run_it_shows_what_is_declared(space, cli):
    never = cli("show", "numbers")

    assert never.code == 0
    assert lines(never.out) == [
        "numbers notebooks/numbers.ipynb",
        "From nought *upwards*.",
        "parameter type default",
        "count int 3 how many",
        "numbers was never run. Run it: assetbook run +numbers",
    ]
    found = json.loads(cli("show", "numbers", "--json").out)
    assert (found["materialized"], found["record"], found["versions"]) == (None, None, [])
    unknown = cli("show", "nubmers")
    assert (unknown.code, "Did you mean 'numbers'?" in unknown.err) == (2, True)


def test_a_notebook_shows_its_last_run_and_the_versions_of_its_table(space, cli):
    for count in (3, 3, 4):
        assert cli("run", "numbers", "-p", f"numbers.count={count}", "--force").code == 0

    shown = cli("show", "numbers").out
    assert "success" in shown
    assert "count = 4" in shown
    assert "numbers@1 (4 rows)" in shown
    assert "✓ some  There are some." in shown
    assert "record       data/records/numbers/" in shown
    found = json.loads(cli("show", "numbers", "--json").out)
    assert found["record"]["status"] == "success"
    assert found["record"]["parameters"] == {"count": 4}
    assert [(v["version"], v["rows"]) for v in found["versions"]] == [(1, 4), (0, 3)]
    assert (
        found["versions"][0]["run_id"]
        == found["record"]["dagster"]["run_id"]
        == found["materialized"]["run_id"]
    )
    (newest,) = [line for line in lines(shown) if line.endswith(f" 4 {found['versions'][0]['run_id'][:8]}")]
    assert newest.startswith("1 20")

    assert cli("run", "numbers", "-p", "numbers.count=0").code == 1

    shown = cli("show", "numbers").out
    assert "failure" in shown
    assert "✗ some" in shown
    assert "outputs" not in shown
    assert "The last success, which everybody reads, is of " in shown
    assert lines(shown).index(newest) < len(lines(shown)) - 3


def test_only_the_newest_versions_are_shown(workspace, cli):
    from assetbook.lake import Lake

    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3")
    lake = Lake(workspace.root / "data" / "lake")
    for n in range(12):
        import pandas as pd

        staged = lake.stage("numbers", pd.DataFrame({"n": [n]}), group="features", run_id=f"run-{n}")
        lake.publish([staged], stamp={"run_id": f"run-{n}"})

    shown = lines(cli("show", "numbers").out)

    head = shown.index("version when rows run")
    assert [line.split()[0] for line in shown[head + 1 : head + 11]] == [str(n) for n in range(11, 1, -1)]
    assert shown[head + 11] == "2 older; --json has all"
    assert len(json.loads(cli("show", "numbers", "--json").out)["versions"]) == 12


def test_a_python_table_shows_its_materialization_and_which_version_changed_which_partition(space, cli):
    assert cli("run", "parts").code == 0

    shown = cli("show", "parts").out
    assert lines(shown)[:2] == ["parts assets/python.py", "Parts, as they come."]
    assert "row count" in shown
    versions = json.loads(cli("show", "parts", "--json").out)["versions"]
    assert sorted(version["partition"] for version in versions) == ["a", "b"]
    one = json.loads(cli("show", "parts", "--partition", "a", "--json").out)
    assert one["materialized"]["metadata"]["dagster/row_count"] == 1
    assert [version["partition"] for version in one["versions"]] == ["a"]
    assert "parts[c] was never run" in cli("show", "parts", "--partition", "c").out
    for key, message in {"z": "no partition 'z'", "a..b": "show one partition at a time, such as b"}.items():
        answer = cli("show", "parts", "--partition", key)
        assert (answer.code, message in answer.err) == (2, True)


def test_json_is_json_whatever_there_is(workspace, cli):
    cells = ["import assetbook as ab", "ab.metric('bad', float('nan'))\nprint('ü \\ud800')"]
    workspace.notebook("odd", cells, parameters="text: str = 'ü'")
    workspace.write(
        "assets/plain.py",
        "import dagster as dg\n\n@dg.asset\n"
        "def plain(): return dg.MaterializeResult(metadata={'score': float('nan')})\n",
    )
    assert cli("run").code == 0

    for arguments in (["show", "odd"], ["show", "plain"], ["ls"], ["run"]):
        text = cli(*arguments, "--json").out
        assert json.loads(text, parse_constant=pytest.fail)


def test_an_asset_of_dagsters_own_shows_why_its_last_run_failed(space, cli):
    assert cli("run", "nothing", "parts", "deep").code == 1

    assert "made" in cli("show", "nothing").out
    shown = cli("show", "deep").out
    assert lines(shown)[:3] == ["deep assets/python.py", "inputs parts", ""]
    assert "Its last run failed.\nValueError: no such column\n" in shown
    assert "frames in pandas …\nKeyError: 'nope'\n\nThe exception above led to this one:\n" in shown
    assert shown.endswith("ValueError: no such column\n")
    assert "site-packages" not in shown
    assert "in dagster" not in shown
    assert 'python.py", line 20, in deep' in shown
    assert "ValueError: no such column" in json.loads(cli("show", "deep", "--json").out)["failure"]


def test_a_notebook_that_failed_or_cannot_run_shows_why(workspace, cli):
    workspace.notebook("bad", ["import assetbook as ab", "total = 1 / 0", "ab.save('bad', total)"])
    workspace.notebook("odd", ["import assetbook as ab", "ab.save(input(), None)"])
    assert cli("run").code == 1

    shown = cli("show", "bad")
    assert shown.code == 0
    assert "\n→ 1 total = 1 / 0\n" in shown.out
    assert shown.out.endswith("No earlier run has succeeded.\n")
    broken = cli("show", "odd")
    assert (broken.code, "\nbroken  notebooks/odd.ipynb" in broken.out) == (0, True)
    assert "ab.save takes a literal name" in json.loads(cli("show", "odd", "--json").out)["problem"]


def test_a_report_of_partitions_takes_one(workspace, cli):
    cells = ["import assetbook as ab\nab.asset(partitions={'part': ['a', 'b', 'c']})", "ab.metric('m', 1)"]
    workspace.notebook("parts", cells, parameters="part: str = 'a'")
    assert cli("run", "--partition", "a..b").code == 0

    found = json.loads(cli("show", "parts", "--partition", "a", "--json").out)
    assert (found["record"]["partition"], found["versions"]) == ("a", [])
    assert {json.loads(cli("show", "parts", "--json").out)["record"]["partition"]} <= {"a", "b"}
    assert (
        "parts[c] was never run. Run it: assetbook run +parts --partition c"
        in cli("show", "parts", "--partition", "c").out
    )


def test_a_model_has_the_version_that_its_first_run_with_that_content_made():
    def run(day, version, **facts):
        return Record(
            **{
                "name": "m", "notebook": "notebooks/m.ipynb", "status": "success", "started": day,
                "finished": day, "seconds": 1.0, "code_version": "", "assets": ("m",),
                "outputs": {"m": {"kind": "model", "version": version}}, "metrics": {"auc": 0.7},
                "dagster": {"run_id": day}, **facts,
            }
        )  # fmt: skip

    failed = run("2013-01-05", "9", status="failure", outputs={"m": {"kind": "model"}})
    records = [failed, run("2013-01-04", "10"), run("2013-01-03", "9"), run("2013-01-02", "9")]

    assert model_versions(records, "m") == [
        Version(10, "2013-01-04", run_id="2013-01-04", metrics={"auc": 0.7}),
        Version(9, "2013-01-02", run_id="2013-01-02", metrics={"auc": 0.7}),
    ]


def test_what_a_module_prints_is_not_the_answer(workspace, cli) -> None:
    workspace.write("assets/loud.py", "print('reading the configuration')")
    local = workspace.root / "resources" / "local.py"
    local.write_text(local.read_text().replace("    found =", "    print('connecting')\n    found ="))
    for command in (["ls", "--json"], ["sql", "select 1 as n", "--format", "json"]):
        answer = cli(*command)
        assert answer.code == 0
        json.loads(answer.out)
        assert "connecting" in answer.err
