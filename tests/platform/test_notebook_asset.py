from __future__ import annotations

import dagster as dg
import pytest

from tests.platform.space import failure_of

NUMBERS = [
    "# Numbers\n\nThe first numbers.",
    "import pandas as pd\nimport assetbook as ab",
    "ab.save('numbers', pd.DataFrame({'n': range(count)}))",
]
DOUBLES = [
    "import assetbook as ab",
    "n = ab.load('numbers')",
    "ab.save('doubles', n * 2)",
    "ab.check('all_even', bool((n.n * 2 % 2 == 0).all()))",
    "ab.metric('rows', len(n))",
]


def test_two_notebooks_run_as_assets_and_share_a_table(workspace, open_space):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3  # how many")
    workspace.notebook("doubles", DOUBLES)
    space = open_space()

    result = space.run()

    assert result.success, failure_of(result)
    assert space.lake.read("doubles").n.tolist() == [0, 2, 4]
    made = space.latest("doubles")
    assert made.metadata["dagster/row_count"].value == 3
    assert made.tags["dagster/data_version"] == space.lake.version("doubles").data_version
    assert made.tags["dagster/input_data_version/numbers"] == space.lake.version("numbers").data_version
    checks = result.get_asset_check_evaluations()
    assert [(c.check_name, c.passed) for c in checks] == [("all_even", True)]


def test_a_parameter_from_the_launch_form_reaches_the_notebook(workspace, open_space):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3  # how many")
    space = open_space()

    space.run("numbers", config={"numbers": {"count": 5}})

    assert len(space.lake.read("numbers")) == 5


@pytest.mark.parametrize(
    ("config", "message"),
    [({"cuont": 5}, "cuont"), ({"count": "five"}, "five"), ({"count": 1.5}, "1.5")],
)
def test_wrong_configuration_is_refused_before_anything_runs(workspace, open_space, config, message):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3")
    space = open_space()

    with pytest.raises(dg.DagsterInvalidConfigError, match=message):
        space.run("numbers", config={"numbers": config})

    assert not space.lake.exists("numbers")


def test_the_same_content_keeps_its_data_version_and_makes_no_new_table_version(workspace, open_space):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3")
    space = open_space()
    space.run()
    before = space.lake.version("numbers")

    space.run()

    assert space.lake.version("numbers") == before
    assert space.latest("numbers").tags["dagster/data_version"] == before.data_version


def test_a_failing_cell_publishes_nothing_and_is_named(workspace, open_space):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3")
    space = open_space()
    space.run()
    workspace.notebook("numbers", [*NUMBERS, "ratio = 1\nratio / 0"], parameters="count: int = 7")
    space.reload()

    result = space.run()

    message = failure_of(result)
    assert not result.success
    assert "notebooks/numbers.ipynb" in message
    assert "cell 4" in message
    assert "ratio / 0" in message
    assert "ZeroDivisionError" in message
    assert "\x1b" not in message
    assert len(space.lake.read("numbers")) == 3
    assert not list((space.settings.data / "lake").rglob("*.tmp"))


def test_a_failed_blocking_check_publishes_nothing_and_leaves_the_old_version(workspace, open_space):
    cells = [*NUMBERS, "ab.check('few', count < 5)"]
    workspace.notebook("numbers", cells, parameters="count: int = 3")
    space = open_space()
    assert space.run().success

    result = space.run(config={"numbers": {"count": 9}})

    assert not result.success
    assert "'few'" in failure_of(result)
    assert [(c.check_name, c.passed) for c in result.get_asset_check_evaluations()] == [("few", False)]
    assert len(space.lake.read("numbers")) == 3


def test_a_failed_check_that_does_not_block_lets_the_table_through(workspace, open_space):
    workspace.notebook(
        "numbers", [*NUMBERS, "ab.check('few', count < 2, blocking=False)"], parameters="count: int = 3"
    )
    space = open_space()

    result = space.run()

    assert result.success, failure_of(result)
    (check,) = result.get_asset_check_evaluations()
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_a_declared_output_that_is_never_saved_is_refused(workspace, open_space):
    cells = [*NUMBERS, "if count > 100:\n    ab.save('many', pd.DataFrame({'n': [1]}))"]
    workspace.notebook("numbers", cells, parameters="count: int = 3")
    space = open_space()

    result = space.run()

    assert not result.success
    assert "save('many')" in failure_of(result)
    assert not space.lake.exists("numbers")


def test_a_partition_overwrites_only_itself(workspace, open_space):
    workspace.notebook(
        "sales",
        [
            "import assetbook as ab\nimport pandas as pd",
            "ab.asset(partitions={'month': 'monthly from 2020-01 to 2020-12'})",
            "ab.save('sales', pd.DataFrame({'month': [month], 'n': [size]}))",
        ],
        parameters="month: str = '2020-01'\nsize: int = 1",
    )
    space = open_space()
    space.run("sales", partition="2020-01")
    space.run("sales", partition="2020-02")

    space.run("sales", partition="2020-02", config={"sales": {"size": 7}})

    assert space.lake.read("sales").sort_values("month").n.tolist() == [1, 7]
    assert set(space.lake.version("sales").partitions) == {"2020-01", "2020-02"}


def test_a_report_is_the_executed_notebook(workspace, open_space):
    workspace.notebook(
        "summary", ["# Summary", "import assetbook as ab", "print('hello')", "ab.metric('answer', 42)"]
    )
    space = open_space()

    assert space.run().success

    made = space.latest("summary")
    assert made.metadata["answer"].value == 42.0
    assert made.metadata["notebook"].value.endswith("notebook.ipynb")


def test_a_model_is_registered_with_its_metrics_and_its_mlflow_run_is_finished(workspace, open_space):
    workspace.write("with_mlflow", "")
    workspace.notebook(
        "fit",
        [
            "import assetbook as ab, pandas as pd\nfrom sklearn.linear_model import LinearRegression",
            "x = pd.DataFrame({'a': [0., 1., 2., 3.]})",
            "model = LinearRegression().fit(x, [slope * v for v in x.a])",
            "ab.save_model('line', model, sample=x, metrics={'r2': 1.0})",
        ],
        parameters="slope: float = 2.0",
    )
    workspace.notebook(
        "use",
        [
            "import assetbook as ab",
            "line = ab.load('line')",
            "print(line.predict([[2.0]]))",
            "ab.metric('at_two', float(line.predict([[2.0]])[0]))",
        ],
    )
    space = open_space()

    result = space.run("line")
    assert result.success, failure_of(result)
    result = space.run("use")
    assert result.success, failure_of(result)

    import mlflow

    mlflow.set_tracking_uri(space.settings.mlflow)
    client = mlflow.MlflowClient()
    (version,) = client.search_model_versions("name='line'")
    run = client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["slope"] == "2.0"
    assert run.data.metrics["r2"] == 1.0
    assert space.latest("use").metadata["at_two"].value == pytest.approx(4.0)
    assert {r.info.status for r in client.search_runs(["1"])} == {"FINISHED"}

    space.run("line")
    assert len(client.search_model_versions("name='line'")) == 1
