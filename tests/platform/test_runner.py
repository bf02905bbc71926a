"""Plans with notebooks, in real kernels: what runs, why, and what is shown and recorded of it."""

from __future__ import annotations

import json
import os
import shutil

import dagster as dg
import pandas as pd
import pytest

from assetbook.errors import WorkspaceError
from assetbook.platform.instance import HOST_TAG, PROCESS_TAG, end_abandoned, open_instance, process_tags
from assetbook.platform.leftovers import clear_killed
from assetbook.platform.runner import Runner
from assetbook.settings import Settings
from tests.platform.planning import Seen, make_plan, ran, run_plan
from tests.platform.runs import folder_of, record_of

NUMBERS = [
    "import pandas as pd\nimport assetbook as ab",
    "ab.asset(secrets=['key'])",
    "numbers = pd.DataFrame({'n': range(count)})",
    "ab.save('numbers', numbers)\nab.save('squares', numbers ** 2)",
]
NUMBERS_PARAMETERS = "count: int = 3\nkey: str = 'none'"
SUM = ["import assetbook as ab", "ab.metric('sum', float(ab.load('squares').n.sum()))"]


def test_code_and_parameters_run_a_notebook_again_and_its_readers_only_for_other_content(
    workspace, open_space
):
    workspace.notebook("numbers", NUMBERS, parameters=NUMBERS_PARAMETERS)
    workspace.notebook("sum", SUM)
    space = open_space()
    assert ran(space) == {"numbers + squares": "never materialized", "sum": "never materialized"}
    assert ran(space) == {}

    workspace.notebook("numbers", ["# A title", *NUMBERS, "# comments only"], parameters=NUMBERS_PARAMETERS)
    assert ran(space) == {}

    workspace.notebook("numbers", [*NUMBERS, "more = 1"], parameters=NUMBERS_PARAMETERS)
    assert ran(space) == {"numbers + squares": "its code changed"}

    asked = {"numbers": {"count": 5, "key": "Aladdin"}}
    assert ran(space, parameters=asked) == {
        "numbers + squares": "count is 5, was 3, key is another",
        "sum": "squares changed",
    }
    assert ran(space, parameters={"numbers": {"count": 5}}) == {}
    assert ran(space) == {}


def test_a_failure_a_broken_notebook_and_what_depends_on_them(workspace, open_space):
    workspace.notebook("numbers", ["import assetbook as ab", "1 / 0", "ab.save('numbers', None)"])
    workspace.notebook("sum", ["import assetbook as ab", "ab.load('numbers')", "ab.save('sum', None)"])
    workspace.notebook("computed", ["import assetbook as ab", "ab.save(input(), None)"])
    workspace.write("assets/plain.py", CONFIGURED)
    space = open_space()
    plan = make_plan(space)
    seen = Seen()

    Runner(space.defs, space.instance, display=seen).run(plan)

    found = {planned.task.title: planned for planned in plan.tasks}
    assert {title: planned.state for title, planned in found.items()} == {
        "numbers": "failed",
        "sum": "blocked",
        "computed": "broken",
        "alone": "done",
        "after_computed": "blocked",
    }
    assert "ZeroDivisionError" in found["numbers"].detail
    assert "cell 2" in found["numbers"].detail
    assert found["numbers"].seconds > 0
    assert found["sum"].reason == "numbers failed"
    assert found["after_computed"].reason == "computed is broken"
    assert "notebooks/computed.ipynb" in found["computed"].reason
    assert ("numbers", "running", "cell 2 of 3") in seen.states
    assert run_plan(space, "alone")["alone"][0] == "current"


CONFIGURED = """
import dagster as dg
import pandas as pd

@dg.asset(code_version="1")
def alone() -> pd.DataFrame:
    return pd.DataFrame({"a": [1]})

@dg.asset(deps=["computed"])
def after_computed() -> None: ...
"""


def test_a_model_that_comes_out_as_it_was_changes_nothing_for_its_readers(workspace, open_space):
    workspace.write("with_mlflow", "")
    fit = [
        "import assetbook as ab, pandas as pd\nfrom sklearn.linear_model import LinearRegression",
        "x = pd.DataFrame({'a': [0., 1., 2., 3.]})",
        "ab.save_model('line', LinearRegression().fit(x, slope * x.a), sample=x)",
    ]
    workspace.notebook("fit", fit, parameters="slope: float = 2.0")
    workspace.notebook(
        "use", ["import assetbook as ab", "ab.metric('intercept', ab.load('line').predict([[0.]])[0])"]
    )
    space = open_space()
    assert ran(space).keys() == {"line", "use"}
    assert ran(space) == {}

    assert ran(space, "line", force=True) == {"line": "asked for (--force)"}
    assert ran(space) == {}

    assert ran(space, parameters={"fit": {"slope": 3.0}}) == {
        "line": "slope is 3.0, was 2.0",
        "use": "line changed",
    }


GRAPHS = """
import dagster as dg
import pandas as pd

@dg.op(out=dg.Out(dg.Nothing))
def begin(): ...

@dg.op(ins={"start": dg.In(dg.Nothing)})
def end(): return pd.DataFrame({"a": [1]})

@dg.graph_asset
def graphed(): return end(start=begin())

@dg.asset(config_schema={"must": str})
def configured() -> None: ...

@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a"]), config_schema={"must": str})
def configured_parts() -> None: ...

@dg.asset(deps=["graphed"])
def checked() -> None: ...

@dg.asset(deps=["checked"])
def after() -> None: ...

@dg.asset_check(asset=checked, blocking=True)
def fails():
    return dg.AssetCheckResult(passed=False)
"""


def test_assets_that_are_dagsters_own_run_too(workspace, open_space):
    workspace.write("assets/graphs.py", GRAPHS)
    space = open_space()

    found = run_plan(space, "graphed+")

    assert found["graphed"] == ("done", "never materialized")
    assert found["checked"][0] == "failed"
    assert found["after"] == ("blocked", "checked failed")
    plan = make_plan(space, "configured_parts")
    Runner(space.defs, space.instance, display=Seen()).run(plan)
    assert plan.tasks[0].state == "failed"
    assert "must" in plan.tasks[0].detail


def test_a_resource_that_cannot_be_had_fails_what_needs_it(workspace, open_space):
    workspace.write(
        "resources/local.py",
        """
        import dagster as dg
        from assetbook.platform import LakeIOManager

        @dg.resource
        def store(context):
            raise ConnectionError("nobody answers at store:9000")

        def resources(settings):
            return {"io_manager": LakeIOManager(root=settings.lake), "store": store}
        """,
    )
    workspace.write(
        "assets/plain.py",
        """
        import dagster as dg

        @dg.asset(required_resource_keys={"store"})
        def kept() -> None: ...
        """,
    )
    plan = make_plan(space := open_space())

    Runner(space.defs, space.instance, display=Seen()).run(plan)

    assert plan.tasks[0].state == "failed"
    assert "nobody answers at store:9000" in plan.tasks[0].detail


def test_runs_whose_process_was_killed_are_recorded_as_failed(instance):
    @dg.op
    def nothing() -> None: ...

    @dg.job
    def job() -> None:
        nothing()

    def started(tags):
        run = instance.create_run_for_job(job, tags=tags)
        instance.report_dagster_event(
            dg.DagsterEvent(event_type_value="PIPELINE_START", job_name="job"), run.run_id
        )
        return run.run_id

    own = started(process_tags())
    gone = started({**process_tags(), PROCESS_TAG: f"{os.getpid()}:0.0"})
    elsewhere = started({**process_tags(), HOST_TAG: "another", PROCESS_TAG: "1:0.0"})
    by_dagster = started({})

    assert [run.run_id for run in end_abandoned(instance)] == [gone]

    status = {run.run_id: run.status for run in instance.get_runs()}
    assert status[gone] is dg.DagsterRunStatus.FAILURE
    assert {status[other] for other in (own, elsewhere, by_dagster)} == {dg.DagsterRunStatus.STARTED}


@pytest.mark.parametrize("home", ["here", "./here"])
def test_a_relative_dagster_home_is_below_the_workspace(workspace, monkeypatch, home):
    monkeypatch.setenv("DAGSTER_HOME", home)

    open_instance(Settings.load(workspace.root)).dispose()

    assert (workspace.root / "here" / "dagster.yaml").is_file()
    assert os.environ["DAGSTER_HOME"] == str(workspace.root / "here")


def test_a_function_that_fails_is_named_with_its_line(workspace, open_space, monkeypatch):
    monkeypatch.chdir(workspace.root)
    workspace.write(
        "assets/plain.py",
        """
        import dagster as dg

        @dg.asset
        def missing() -> None:
            {}["zzz"]
        """,
    )
    space = open_space()
    plan = make_plan(space)

    Runner(space.defs, space.instance, display=Seen()).run(plan)

    assert plan.tasks[0].detail.startswith("KeyError: 'zzz'")
    assert 'assets/plain.py", line 6, in missing\n  {}["zzz"]' in plan.tasks[0].detail


def test_a_table_that_its_last_run_did_not_make_is_made_again(workspace, open_space):
    workspace.notebook("numbers", NUMBERS, parameters=NUMBERS_PARAMETERS)
    space = open_space()
    ran(space)
    staged = space.lake.stage("squares", pd.DataFrame({"n": [7]}), group="features", run_id="killed")
    space.lake.publish([staged], stamp={})

    assert ran(space) == {"numbers + squares": "its table is not what its last run made"}
    assert ran(space) == {}


def test_after_a_kill_the_marks_of_the_run_are_cleared_and_its_model_is_made_again(workspace, open_space):
    workspace.write("with_mlflow", "")
    fit = "ab.save_model('line', LinearRegression().fit(x, x.a), sample=x)"
    workspace.notebook(
        "fit",
        [
            "import assetbook as ab, pandas as pd\nfrom sklearn.linear_model import LinearRegression",
            f"x = pd.DataFrame({{'a': [0., 1.]}})\n{fit}",
        ],
    )
    space = open_space()
    ran(space)
    before = folder_of(space, "fit")
    killed = before.with_name("9" + before.name[1:])
    shutil.copytree(before, killed)
    draft = json.loads((killed / "record.json").read_text())
    draft |= {"status": "failure", "failure": {"reason": "killed", "message": "The process was killed."}}
    (killed / "record.draft.json").write_text(json.dumps(draft))
    (killed / "record.json").unlink()
    space.settings.running.mkdir(exist_ok=True)
    (space.settings.running / killed.name).write_text(str(killed))

    clear_killed(space.linked.nodes.values(), space.lake, space.settings)

    assert not list(space.settings.running.iterdir())
    assert record_of(space, "fit").failure["reason"] == "killed"
    assert run_plan(space) == {"line": ("done", "its last run was killed")}


def test_a_home_that_is_none_of_dagsters_is_one_clear_error(workspace, monkeypatch):
    home = workspace.root / "home"
    workspace.write("home/dagster.yaml", "storage: 7")
    monkeypatch.setenv("DAGSTER_HOME", str(home))

    with pytest.raises(
        WorkspaceError, match=r"(?s)Dagster's instance in .*home cannot be opened: .*Mend its"
    ):
        open_instance(Settings.load(workspace.root))
