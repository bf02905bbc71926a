"""Whatever goes wrong: nothing is published, the old version stays, the record says why, the next run works."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pandas as pd
import psutil
import pytest

from assetbook.session.context import RunContext
from tests.platform.runs import PAUSE, folder_of, left_in_lake, messages, record_of, wait_for
from tests.platform.space import failure_of

IMPORTS = (
    "import os, signal, sys, resource\nimport pandas as pd\nimport assetbook as ab\nfrom pathlib import Path"
)
SAVE = "ab.save('numbers', pd.DataFrame({'n': range(count)}))"


def publish(space, count):
    """Make a version of the table that the runs under test must leave alone."""
    staged = space.lake.stage("numbers", pd.DataFrame({"n": range(count)}), group="features", run_id="before")
    space.lake.publish([staged], stamp={})


def failed(space, result, name="numbers"):
    """Return message and record of a failed run, after checking what is true of every one."""
    assert not result.success
    message, record = failure_of(result), record_of(space, name)
    assert "assetbook/platform" not in message  # no traceback of ours
    assert "\x1b" not in message
    assert record.status == "failure"
    assert all("data_version" not in facts for facts in record.outputs.values())
    assert left_in_lake(space) == []
    kept = {p.name for p in folder_of(space, name).iterdir()}
    assert kept == {"notebook.ipynb", "notebook.html", "record.json"}
    (event,) = [e for e in result.all_events if e.event_type is dg.DagsterEventType.STEP_FAILURE]
    facts = event.step_failure_data.user_failure_data.metadata
    assert facts["notebook"].value == str(folder_of(space, name) / "notebook.ipynb")
    return message, record


@pytest.mark.parametrize(
    ("fault", "reason", "message"),
    [
        ("ratio = 1\nratio / 0", "error", "cell 3, line 2: ZeroDivisionError: division by zero"),
        ("os._exit(3)", "kernel died", "the kernel died (exit code 3)"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "kernel died", "the kernel died (signal SIGKILL)"),
        ("exit()", "exit", "it ended the kernel with exit() or quit()"),
        ("input('name? ')", "stdin", "make the value a parameter"),
    ],
)
def test_a_cell_that_fails_publishes_nothing(workspace, open_space, fault, reason, message):
    workspace.notebook("numbers", [IMPORTS, SAVE, fault, "print('not run')"], parameters="count: int = 7")
    space = open_space()
    publish(space, 3)

    told, record = failed(space, space.run())

    assert "notebooks/numbers.ipynb, cell 4" in told.replace("cell 3", "cell 4")
    assert record.failure["reason"] == reason
    assert message.replace("cell 3", "cell 4") in told
    assert [c["status"] for c in record.cells] == ["ok", "ok", "ok", "failed", "not run"]
    assert len(space.lake.read("numbers")) == 3


def test_a_table_against_its_schema_publishes_nothing_and_shows_the_rows(workspace, open_space):
    workspace.write(
        "assets/tables.py",
        "import pandera.pandas as pa\n\nclass Numbers(pa.DataFrameModel):\n    n: int = pa.Field(lt=5)\n",
    )
    cells = [IMPORTS, "from assets.tables import Numbers", SAVE.replace("}))", "}), schema=Numbers)")]
    workspace.notebook("numbers", cells, parameters="count: int = 7")
    space = open_space()
    publish(space, 3)

    result = space.run()
    told, record = failed(space, result)

    assert "SchemaError" in told
    (check,) = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == ("schema", False)
    assert check.metadata["failing rows"].value == 2
    assert "| 6 |" in check.metadata["failure cases"].value
    assert record.checks[0]["failing_rows"] == 2
    assert len(space.lake.read("numbers")) == 3


def test_what_was_not_read_from_the_notebook_is_refused_while_it_runs(workspace, open_space):
    workspace.write(
        "assets/others.py",
        "import assetbook as ab\nimport pandas as pd\n\n\n"
        "@ab.table(group='raw')\ndef others() -> pd.DataFrame:\n    return pd.DataFrame({'n': [1]})\n",
    )
    workspace.notebook(
        "numbers",
        [
            IMPORTS,
            "refused = []\n"
            "for call in (lambda: vars(ab)['load']('others'), lambda: vars(ab)['sql']('select * from ' + 'others'),\n"
            "             lambda: vars(ab)['save']('more', pd.DataFrame({'n': [1]}))):\n"
            "    try:\n        call()\n    except Exception as error:\n        refused.append(str(error))\n"
            "print(len(refused), *refused)",
            SAVE,
            "vars(ab)['check']('late', True)",
        ],
        parameters="count: int = 3",
    )
    space = open_space()
    assert space.run("others").success

    result = space.run("numbers")
    told, record = failed(space, result)

    assert "3 load(…) of 'others' was not read from the notebook before it ran" in messages(
        space.instance, result.run_id
    )
    assert "check(…) of 'late' was not read from the notebook" in told
    assert record.failure["cell"] == 5
    assert not space.lake.exists("numbers")


def test_a_schema_that_is_none_at_run_time_is_refused(workspace, open_space):
    workspace.notebook(
        "numbers",
        [IMPORTS, "schema = None", SAVE.replace("}))", "}), schema=schema)")],
        parameters="count: int = 3",
    )
    space = open_space()

    told, record = failed(space, space.run())

    assert "declares a schema for 'numbers', but the run gave None" in told
    assert record.failure["reason"] == "not published"


FULL_DISK = (
    "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)"
)


def test_a_full_disk_while_the_table_is_written(workspace, open_space):
    big = "ab.save('numbers', pd.DataFrame({'n': range(count)}).sample(frac=1, random_state=0))"
    workspace.notebook("numbers", [IMPORTS, FULL_DISK, big], parameters="count: int = 200_000")
    space = open_space()

    told, _ = failed(space, space.run())

    assert "LakeError: Cannot write to" in told
    assert "Check that the folder can be written and that the disk is not full" in told
    assert not space.lake.exists("numbers")
    assert not list(Path(space.settings.lake).rglob("*.parquet"))


def test_a_lake_that_cannot_be_written(workspace, open_space):
    workspace.notebook("numbers", [IMPORTS, SAVE], parameters="count: int = 3")
    space = open_space()
    Path(space.settings.lake).mkdir(parents=True)
    (Path(space.settings.lake) / "features").write_text("no folder")

    told, _ = failed(space, space.run())

    assert f"Cannot write to {space.settings.lake}/features/numbers" in told


def test_records_that_cannot_be_written(workspace, open_space):
    workspace.notebook("numbers", [IMPORTS, SAVE], parameters="count: int = 3")
    space = open_space()
    space.settings.records.write_text("no folder")

    result = space.run()

    assert "records/numbers" in failure_of(result)
    assert "Mend the path or the rights" in failure_of(result)
    assert not space.lake.exists("numbers")


def test_when_the_second_table_cannot_be_published_the_first_is_taken_back(workspace, open_space):
    workspace.write("with_mlflow", "")
    both = "ab.save('first', pd.DataFrame({'n': range(count)}))\nab.save('second', pd.DataFrame({'n': range(count)}))"
    model = (
        "from sklearn.linear_model import LinearRegression\n"
        "ab.save_model('line', LinearRegression().fit([[0], [1]], [0, count]))"
    )
    broken = (
        "if count > 3:\n"
        "    logs = Path(ab.__file__ and os.environ['ASSETBOOK_ROOT'], 'data/lake/models/second/_delta_log')\n"
        "    logs.rename(logs.with_name('hidden')); logs.write_text('no folder')"
    )
    workspace.notebook("pair", [IMPORTS, both, model, broken], parameters="count: int = 3")
    space = open_space()
    result = space.run()
    assert result.success, failure_of(result)

    result = space.run(config={"pair": {"count": 7}})

    log = Path(space.settings.lake, "models/second/_delta_log")
    log.unlink()
    log.with_name("hidden").rename(log)
    record = record_of(space, "pair")
    assert "Nothing was published" in failure_of(result)
    assert [len(space.lake.read(name)) for name in ("first", "second")] == [3, 3]
    assert record.failure["reason"] == "not published"
    assert record.mlflow is not None
    client = mlflow_client(space)
    assert [v.version for v in client.search_model_versions("name='line'")] == [1]
    statuses = [r.info.status for r in client.search_runs(["1"])]
    assert sorted(statuses) == ["FAILED", "FAILED", "FINISHED"]

    result = space.run(config={"pair": {"count": 2}})
    assert result.success, failure_of(result)
    assert [len(space.lake.read(name)) for name in ("first", "second")] == [2, 2]
    assert left_in_lake(space) == []


def mlflow_client(space):
    import mlflow

    return mlflow.MlflowClient(space.settings.mlflow, space.settings.mlflow)


def test_without_mlflow_nothing_is_published_and_a_failed_notebook_is_told_first(workspace, open_space):
    workspace.write("with_mlflow", "")
    workspace.notebook(
        "numbers", [IMPORTS, SAVE, "assert count < 5, 'too many'"], parameters="count: int = 3"
    )
    space = open_space()
    database = Path(space.settings.mlflow.removeprefix("sqlite:///"))
    database.parent.mkdir(parents=True)
    database.write_bytes(b"this is no database" * 100)

    told, record = failed(space, space.run())

    assert f"MLflow at {space.settings.mlflow} does not do what a run needs: " in told
    assert "file is not a database" in told
    assert not space.lake.exists("numbers")
    assert record.mlflow is None

    result = space.run(config={"numbers": {"count": 9}})
    told, _ = failed(space, result)
    assert "AssertionError: too many" in told
    assert "file is not a database" in messages(space.instance, result.run_id)


# ---- processes that are ended from outside

STEP = """
import sys
from pathlib import Path

import dagster as dg

from assetbook.platform import definitions

if __name__ == "__main__":
    with dg.DagsterInstance.from_config(sys.argv[2]) as instance:
        job = definitions(Path(sys.argv[1])).resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=instance, raise_on_error=False)
"""
CHILD = (
    "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
    "Path('pids').write_text(f'{os.getpid()} {child.pid}')"
)


@pytest.fixture
def run_in_a_process(workspace, instance, tmp_path):
    """Start a run in a process of its own, wait until its notebook pauses, and return the process."""
    started = []
    log = (tmp_path / "log").open("w+b")
    script = tmp_path / "step.py"
    script.write_text(STEP, "utf-8")
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")

    def start():
        process = subprocess.Popen(
            [sys.executable, str(script), str(workspace.root), str(home)],
            stdout=log,
            stderr=log,
        )
        started.append(process)
        waiting = workspace.root / "waiting"
        wait_for(lambda: waiting.exists() or process.poll() is not None, what="the pause")
        assert process.poll() is None, (tmp_path / "log").read_text("utf-8")
        return process

    with log:
        yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_killed_step_leaves_nothing_that_the_next_run_does_not_clear(
    workspace, open_space, run_in_a_process
):
    space = open_space()
    publish(space, 3)
    workspace.notebook("numbers", [IMPORTS, CHILD, SAVE, PAUSE], parameters="count: int = 7")
    process = run_in_a_process()
    kernel, child = family(workspace)
    (run,) = (f.parent for f in space.settings.records.glob("numbers/*/context.json"))
    run_id = RunContext.read(run / "context.json").run_id
    Path(space.settings.lake, "features/numbers/.half.parquet").write_bytes(b"half of a table")

    process.kill()
    process.wait()

    wait_for(lambda: not alive(kernel), what="the end of the kernel")
    assert len(space.lake.read("numbers")) == 3
    assert len(left_in_lake(space)) == 2
    assert not (run / "record.json").exists()

    (space.root / "go").touch()
    space.reload()
    result = space.run()

    assert result.success, failure_of(result)
    assert len(space.lake.read("numbers")) == 7
    assert not alive(child)
    assert left_in_lake(space) == []
    assert [p.name for p in run.iterdir() if p.name != "notebook.ipynb"] == ["record.json"]
    killed = json.loads((run / "record.json").read_text("utf-8"))
    assert killed["failure"]["reason"] == "killed"
    assert killed["dagster"]["run_id"] == run_id
    assert killed["parameters"] == {"count": 7}


def family(workspace):
    """Return the kernel of the pausing notebook and the process that it has started."""
    return [psutil.Process(int(pid)) for pid in (workspace.root / "pids").read_text("utf-8").split()]


def alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_cancelled_step_is_recorded_as_such(workspace, open_space, run_in_a_process):
    workspace.notebook("numbers", [IMPORTS, CHILD, SAVE, PAUSE], parameters="count: int = 3")
    process = run_in_a_process()
    kernel, child = family(workspace)

    process.send_signal(signal.SIGINT)

    process.wait()
    assert not alive(kernel)
    assert not alive(child)
    space = open_space()
    record = record_of(space, "numbers")
    assert record.status == "cancelled"
    assert record.failure["reason"] == "broken off"
    assert [(c["number"], c["status"]) for c in record.cells] == [(n, "ok") for n in (1, 2, 3, 4)]
    assert left_in_lake(space) == []
    assert sorted(p.name for p in folder_of(space, "numbers").iterdir()) == [
        "notebook.html",
        "notebook.ipynb",
        "record.json",
    ]
