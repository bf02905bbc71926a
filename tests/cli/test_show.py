from __future__ import annotations

import json

NUMBERS = [
    "import pandas as pd, assetbook as ab",
    "ab.save('numbers', pd.DataFrame({'n': range(count)}))\nab.check('some', count > 0, description='There are some.')",
]


def test_ls_and_show_tell_what_there_is_before_and_after_runs(workspace, cli):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3")
    workspace.write(
        "assets/plain.py",
        "import assetbook as ab, pandas as pd\n\n@ab.table(landing='t.csv')\n"
        "def read(landing): return pd.read_csv(landing)\n",
    )
    workspace.write("data/landing/t.csv", "n\n1\n")
    assert "never" in cli("ls").out
    never = cli("show", "numbers")
    assert (never.code, "numbers was never run. Run it: assetbook run +numbers" in never.err) == (2, True)
    unknown = cli("show", "nubmers")
    assert (unknown.code, "Did you mean 'numbers'?" in unknown.err) == (2, True)

    assert cli("run").code == 0

    rows = {row["asset"]: row for row in json.loads(cli("ls", "--json").out)}
    assert rows["numbers"]["rows"] == 3
    assert rows["numbers"]["source"] == "notebooks/numbers.ipynb"
    assert rows["read"]["source"] == "assets/plain.py"
    assert rows["numbers"]["problem"] is None
    assert next(iter(json.loads(cli("ls", "--json", "group:raw").out)[0].items())) == ("asset", "read")
    shown = cli("show", "numbers").out
    assert "success" in shown
    assert "count = 3" in shown
    assert "numbers@0 (3 rows)" in shown
    assert "✓ some of numbers  There are some." in shown
    assert json.loads(cli("show", "numbers", "--json").out)["status"] == "success"
    plain = cli("show", "read").out
    assert "assets/plain.py" in plain
    assert "row count" in plain
    assert json.loads(cli("show", "read", "--json").out)["metadata"]["dagster/row_count"] == 1

    assert cli("run", "numbers", "-p", "numbers.count=0").code == 1

    shown = cli("show", "numbers").out
    assert "failure" in shown
    assert "✗ some of numbers" in shown
    assert "The last success, which everybody reads, is of " in shown


def test_show_takes_a_partition(workspace, cli):
    cells = ["import assetbook as ab\nab.asset(partitions={'part': ['a', 'b']})", "ab.metric('m', 1)"]
    workspace.notebook("parts", cells, parameters="part: str = 'a'")
    assert cli("run").code == 0

    assert json.loads(cli("show", "parts", "--partition", "a", "--json").out)["partition"] == "a"
    assert json.loads(cli("show", "parts", "--json").out)["partition"] == "b"
    assert "parts[c] was never run" in cli("show", "parts", "--partition", "c").err
