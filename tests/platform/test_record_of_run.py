"""The record that real runs leave: complete, by its schema, without secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platform.runs import folder_of, messages, record_of
from tests.platform.space import failure_of

SECRETS = {
    "of the environment": "env-SECRET-31415926",
    "of the launch form": "declared-SECRET-27182818",
    "in a URL": "storage-SECRET-16180339",
}


@pytest.mark.parametrize("fails", [False, True])
def test_secrets_are_in_nothing_that_a_run_leaves(workspace, open_space, instance, monkeypatch, fails):
    monkeypatch.setenv("WEATHER_API_KEY", SECRETS["of the environment"])
    monkeypatch.setenv("SPACE_KEY", SECRETS["of the launch form"])
    workspace.write("with_mlflow", "")
    workspace.notebook(
        "leaky",
        [
            "import os, sys\nimport assetbook as ab, pandas as pd",
            "ab.asset(secrets=['key'])",
            "everything = [key, url, os.environ['WEATHER_API_KEY']]",
            "print(everything); print(everything, file=sys.stderr); everything",
            "ab.check('fine', True, description=str(everything), metadata={'all': everything})",
            "ab.save('leaky', pd.DataFrame({'text': everything}))",
            "assert not fails, everything",
        ],
        parameters="key: str = ''\nurl: str = ''\nfails: bool = False",
    )
    space = open_space()

    config = {
        "key": {"env": "SPACE_KEY"},
        "url": "postgres://ann:storage-SECRET-16180339@host/db",
        "fails": fails,
    }
    result = space.run(config={"leaky": config})

    assert result.success is not fails, failure_of(result)
    folder = folder_of(space, "leaky")
    left = [p for p in folder.rglob("*") if p.is_file()]
    left += [p for p in Path(space.settings.data, "mlflow").rglob("*") if p.is_file()]
    stored = [p for p in Path(instance.storage_directory()).parent.rglob("*") if p.is_file()]
    assert {"record.json", "notebook.ipynb", "notebook.html", "mlflow.db"} <= {p.name for p in left}
    for what, secret in SECRETS.items():
        # Dagster keeps the launch form as it was filled in: there the reference, here the text itself
        for path in left if what == "in a URL" else [*left, *stored]:
            assert secret.encode() not in path.read_bytes(), f"the secret {what} is in {path}"
    shown = {"key": "***", "url": "postgres://ann***host/db", "fails": fails}
    assert record_of(space, "leaky").parameters == shown
    assert "***" in messages(instance, result.run_id)


def test_the_record_tells_what_ran_where_and_why(workspace, open_space):
    workspace.notebook(
        "report",
        [
            "import assetbook as ab",
            "block = bytearray(80_000_000)",
            "ab.metric('half', 0.5)\nab.metric('none', float('nan'))",
        ],
        parameters="month: str = '2013-03'\nnames: list[str] = ['ä', 'b c']",
    )
    space = open_space()

    result = space.run()

    assert result.success, failure_of(result)
    record = record_of(space, "report")
    assert record.parameters == {"month": "2013-03", "names": ["ä", "b c"]}
    assert record.metrics["half"] == 0.5
    assert record.outputs["report"]["data_version"] == space.latest("report").tags["dagster/data_version"]
    assert record.dagster["run_id"] == result.run_id
    assert record.dagster["trigger"]["sentence"] == "user launched by hand"
    assert [c["number"] for c in record.cells] == [1, 2, 3, 4]
    assert record.cells[2]["memory_mb"] > 80
    assert record.peak_memory_mb >= record.cells[2]["memory_mb"]
    assert record.environment["kernel"] == "python3"
    assert record.environment["kernel_python"] == record.environment["python"]
    assert record.started < record.finished
    page = (folder_of(space, "report") / "notebook.html").read_text("utf-8")
    assert result.run_id in page
