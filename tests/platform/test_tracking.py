"""MLflow: one run for each step, never left RUNNING, never in another's way; models registered by content."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import mlflow
import pytest

from assetbook.errors import RunError
from assetbook.platform.model_content import content_hash
from assetbook.platform.process import this_process
from assetbook.platform.tracking import PROCESS_TAG, RUN_TAG, MlflowResource
from tests.platform.runs import folder_of, record_of
from tests.platform.space import failure_of

FIT = [
    "import assetbook as ab, numpy as np, pandas as pd\n"
    "from sklearn.base import BaseEstimator, TransformerMixin\n"
    "from sklearn.ensemble import HistGradientBoostingClassifier\n"
    "from sklearn.pipeline import make_pipeline\n"
    "from sklearn.preprocessing import FunctionTransformer",
    "class Same(BaseEstimator, TransformerMixin):\n"
    "    def fit(self, X, y=None):\n        self.rows_ = len(X)\n        return self\n"
    "    def transform(self, X):\n        return X",
    "numbers = np.random.default_rng(0)\n"
    "X = pd.DataFrame({'a': numbers.normal(size=500), 'b': numbers.normal(size=500)})\n"
    "y = (X.a + X.b > 0).astype(int)\n"
    "model = make_pipeline(Same(), FunctionTransformer(lambda frame: frame * 1),\n"
    "                      HistGradientBoostingClassifier(max_iter=depth, random_state=0)).fit(X, y)",
    "ab.save_model('line', model, sample=X.head(), metrics={'accuracy (test)': 0.75})",
]


@pytest.fixture
def resource(tmp_path):
    """MLflow with a database of its own."""
    (tmp_path / "mlflow").mkdir()
    return MlflowResource(
        tracking_uri=f"sqlite:///{tmp_path}/mlflow/mlflow.db",
        experiment="test",
        artifact_location=(tmp_path / "artifacts").as_uri(),
    )


def client_of(uri):
    return mlflow.MlflowClient(uri, uri)


def runs_of(uri):
    client = client_of(uri)
    return client.search_runs([e.experiment_id for e in client.search_experiments()])


def test_a_model_notebook_logs_everything_without_a_line_for_it(workspace, open_space):
    workspace.write("with_mlflow", "")
    workspace.notebook("fit", FIT, parameters="depth: int = 5")
    workspace.notebook(
        "use", ["import assetbook as ab", "ab.metric('classes', len(ab.load('line').classes_))"]
    )
    space = open_space()

    first = space.run("line")
    assert first.success, failure_of(first)
    model = space.latest("line")
    again = space.run("line")
    assert again.success, failure_of(again)
    used = space.run("use")
    assert used.success, failure_of(used)

    client = client_of(space.settings.mlflow)
    (version,) = client.search_model_versions(
        "name='line'"
    )  # the same fit in another kernel is no new version
    assert space.latest("line").tags["dagster/data_version"] == model.tags["dagster/data_version"]
    run = client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"depth": "5"}
    assert run.data.metrics == {"accuracy _test_": 0.75}
    assert run.data.tags[RUN_TAG] == first.run_id
    assert [a.path for a in client.list_artifacts(run.info.run_id)] == ["notebook.ipynb"]
    assert version.tags["metric.accuracy _test_"] == "0.75"
    assert version.tags["code_version"] == record_of(space, "fit").code_version
    assert Path(version.tags["record"], "record.json").exists()
    assert [r.info.status for r in runs_of(space.settings.mlflow)] == ["FINISHED"] * 3

    read = record_of(space, "use").inputs["line"]
    assert (read["version"], read["data_version"]) == ("1", model.tags["dagster/data_version"])
    reading = client.search_runs(["1"], f"tags.{RUN_TAG} = '{used.run_id}'")[0]
    assert reading.data.tags["input.line"] == f"1 {read['data_version']}"
    assert record_of(space, "use").mlflow == {"run_id": reading.info.run_id}
    assert not (folder_of(space, "fit") / "artifacts").exists()


def test_a_model_is_its_files_and_its_signature(tmp_path):
    (tmp_path / "model.pkl").write_bytes(b"no pickle")
    (tmp_path / "MLmodel").write_text("a")
    before = content_hash(tmp_path, signature={"inputs": "a"})

    (tmp_path / "MLmodel").write_text("b")
    assert content_hash(tmp_path, signature={"inputs": "a"}) == before
    assert content_hash(tmp_path, signature={"inputs": "b"}) != before
    (tmp_path / "model.pkl").write_bytes(b"another")
    assert content_hash(tmp_path, signature={"inputs": "a"}) != before


def materialize(resource, *assets, **options):
    return dg.materialize(
        assets,
        resources={"mlflow": resource},
        instance=options.pop("instance"),
        raise_on_error=False,
        **options,
    )


def test_python_assets_log_into_runs_of_their_own(resource, instance):
    @dg.asset(required_resource_keys={"mlflow"})
    def careless(context):
        mlflow.set_tracking_uri(resource.tracking_uri)
        mlflow.set_experiment("mine")
        mlflow.start_run(run_name="left open")

    @dg.asset(required_resource_keys={"mlflow"}, deps=[careless])
    def good(context):
        with context.resources.mlflow.run(context, name="good", tags={"colour": "red"}) as tracker:
            tracker.log_metric("auc", 0.8)
            with (
                pytest.raises(RunError, match="open already"),
                context.resources.mlflow.run(context, name="nested"),
            ):
                pass

    @dg.asset(required_resource_keys={"mlflow"}, deps=[good])
    def bad(context):
        with context.resources.mlflow.run(context, name="bad"):
            raise ValueError("no")

    result = materialize(resource, careless, good, bad, instance=instance)

    assert not result.success
    found = {r.info.run_name: r for r in runs_of(resource.tracking_uri)}
    statuses = {name: run.info.status for name, run in found.items()}
    assert statuses == {"left open": "FINISHED", "good": "FINISHED", "bad": "FAILED"}
    assert found["good"].data.metrics == {"auc": 0.8}
    assert found["good"].data.tags["colour"] == "red"
    assert found["left open"].data.metrics == {}
    assert mlflow.active_run() is None


def test_runs_whose_step_was_killed_are_ended_by_the_next(resource, instance):
    client = client_of(resource.tracking_uri)
    experiment = client.create_experiment("test")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    machine = this_process().partition("/")[0]
    running = dg.DagsterRun(job_name="job", status=dg.DagsterRunStatus.STARTED)
    instance.add_run(running)
    tags = {
        "no such Dagster run": {RUN_TAG: "gone"},
        "process is over": {RUN_TAG: running.run_id, PROCESS_TAG: f"{machine}/{ended.pid}/0"},
        "goes on": {RUN_TAG: running.run_id, PROCESS_TAG: this_process()},
        "goes on elsewhere": {RUN_TAG: running.run_id, PROCESS_TAG: "another-machine/1/0"},
        "somebody's own": {},
    }
    for run_name, facts in tags.items():
        client.create_run(experiment, run_name=run_name, tags=facts)

    @dg.asset(required_resource_keys={"mlflow"})
    def logs(context):
        with context.resources.mlflow.run(context, name="logs"):
            pass

    assert materialize(resource, logs, instance=instance).success

    assert {r.info.run_name: r.info.status for r in runs_of(resource.tracking_uri)} == {
        "no such Dagster run": "KILLED",
        "process is over": "KILLED",
        "goes on": "RUNNING",
        "goes on elsewhere": "RUNNING",
        "somebody's own": "RUNNING",
        "logs": "FINISHED",
    }


def test_a_server_that_does_not_answer_is_named_without_its_password(monkeypatch, instance):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    nowhere = MlflowResource(tracking_uri="http://ann:hunter2@127.0.0.1:9", experiment="test")
    step = SimpleNamespace(op_handle=SimpleNamespace(name="x"))
    context = SimpleNamespace(instance=None, op_execution_context=step)

    with (
        pytest.raises(RunError, match=r"MLflow at http://ann:\*\*\*@127\.0\.0\.1:9 does not do") as raised,
        nowhere.run(context, name="x"),
    ):
        pass

    assert "hunter2" not in str(raised.value)


JOB = """
import sys
from pathlib import Path

import dagster as dg

from assetbook.platform import definitions

ROOT = Path(sys.argv[1] if len(sys.argv) > 2 else {root!r})
defs = dg.Definitions.merge(
    definitions(ROOT), dg.Definitions(jobs=[dg.define_asset_job("all_models", executor_def=dg.multiprocess_executor)])
)


def all_models():
    return defs.resolve_job_def("all_models")


if __name__ == "__main__":
    with dg.DagsterInstance.from_config(sys.argv[2]) as instance:
        result = dg.execute_job(dg.reconstructable(all_models), instance=instance)
        sys.exit(0 if result.success else 1)
"""


def test_steps_in_parallel_processes_have_one_run_each(workspace, open_space, tmp_path):
    workspace.write("with_mlflow", "")
    fit = [
        "import assetbook as ab\nfrom sklearn.linear_model import LinearRegression",
        "ab.save_model('{name}', LinearRegression().fit([[0], [1]], [0, 1]))",
    ]
    for name in ("left", "right"):
        workspace.notebook(f"fit_{name}", [cell.format(name=name) for cell in fit])
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    script = tmp_path / "parallel.py"
    script.write_text(JOB.format(root=str(workspace.root)), "utf-8")

    done = subprocess.run(
        [sys.executable, str(script), str(workspace.root), str(home)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    space = open_space()
    found = {r.info.run_name: r for r in runs_of(space.settings.mlflow)}
    assert {name: run.info.status for name, run in found.items()} == {
        "fit_left": "FINISHED",
        "fit_right": "FINISHED",
    }
    assert len(runs_of(space.settings.mlflow)) == 2
    assert len({run.data.tags[RUN_TAG] for run in found.values()}) == 1
    assert len({run.data.tags[PROCESS_TAG] for run in found.values()}) == 2
