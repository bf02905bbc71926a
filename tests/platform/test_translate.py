"""What `ab.asset` and `ab.table` declare, as Dagster shows and obeys it."""

from __future__ import annotations

import json
from datetime import timedelta

import dagster as dg
import pytest

from tests.platform.space import Space, failure_of

SAVE = "import pandas as pd\nab.save('numbers', pd.DataFrame({'n': [1]}))"


@pytest.fixture
def node(workspace):
    """Return the graph's node of an asset whose notebook, or table function, declares some options."""

    def load(options: str, *, table: bool = False):
        if table:
            text = f"import assetbook as ab\n\n@ab.table({options})\ndef numbers(): ...\n"
            workspace.write("assets/tables.py", text)
        else:
            workspace.notebook("numbers", ["import assetbook as ab", f"ab.asset({options})", SAVE])
        defs = Space(workspace.root, dg.DagsterInstance.ephemeral()).defs
        dg.Definitions.validate_loadable(defs)
        return defs.resolve_asset_graph().get(dg.AssetKey("numbers"))

    return load


@pytest.mark.parametrize("table", [False, True])
def test_every_option_is_seen_in_dagster(node, table):
    found = node(
        "group='mine', description='All of them.', owners=['team:ops', 'ann@example.org'], tags={'domain': 'x'}, "
        "kinds=['pandas'], freshness={'fail': '1d', 'warn': '12h'}, automation='eager', pool='gpu', "
        "retries={'max': 2, 'delay': '10s'}",
        table=table,
    )
    op = found.assets_def.node_def

    assert found.group_name == "mine"
    assert "All of them." in found.description
    assert list(found.owners) == ["team:ops", "ann@example.org"]
    assert found.tags["domain"] == "x"
    assert found.kinds == {"pandas", "deltalake", "python" if table else "jupyter"}
    assert found.pools == {"gpu"}
    assert found.freshness_policy == dg.FreshnessPolicy.time_window(
        fail_window=timedelta(days=1), warn_window=timedelta(hours=12)
    )
    assert found.automation_condition is not None
    assert (op.retry_policy.max_retries, op.retry_policy.delay) == (2, 10)


def test_title_and_first_paragraph_describe_the_asset(workspace):
    workspace.notebook(
        "numbers", ["# Numbers\n\nThe *first* numbers.\n\nMore.", "import assetbook as ab", SAVE]
    )
    graph = Space(workspace.root, dg.DagsterInstance.ephemeral()).defs.resolve_asset_graph()

    found = graph.get(dg.AssetKey("numbers"))
    assert found.description == "**Numbers**\n\nThe *first* numbers."
    assert found.group_name == "features"


def test_a_deadline_by_cron(node):
    policy = node(
        "freshness={'cron': '0 9 * * *', 'lower_bound': '2h', 'timezone': 'Europe/Berlin'}"
    ).freshness_policy

    assert policy == dg.FreshnessPolicy.cron(
        deadline_cron="0 9 * * *", lower_bound_delta=timedelta(hours=2), timezone="Europe/Berlin"
    )


@pytest.mark.parametrize(
    ("said", "label"),
    [("eager", "any_deps_updated"), ("on_missing", "missing"), ("on_cron 0 9 * * *", "0 9 * * *")],
)
def test_automation_conditions(node, said, label):
    condition = node(f"automation={said!r}").automation_condition

    assert label in json.dumps(dg.serialize_value(condition))


REFUSED = [
    ("tags={'a': 'not a tag!'}", "Invalid tag value: not a tag!, for key: a."),
    ("freshness='10s'", "fail_window cannot be less than 1 minute"),
    ("freshness={'cron': '0 9 * * *', 'lower_bound': '3d'}", "lower_bound_delta must be less than"),
    ("automation='on_cron 0 0 30 2 *'", "Invalid cron schedule: 0 0 30 2 *"),
]
MISUNDERSTOOD = [
    ("owners=['me']", "option 'owners': expected mail addresses"),
    ("group='a b'", "option 'group'"),
    ("kinds='pandas'", "option 'kinds': expected a list"),
]


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [(False, *case) for case in [*REFUSED, *MISUNDERSTOOD]] + [(True, *case) for case in REFUSED],
)
def test_what_makes_no_sense_is_a_problem_of_that_file_only(workspace, options, message, table):
    where = "assets/tables.py, numbers()" if table else "notebooks/numbers.ipynb"
    if table:
        text = f"import assetbook as ab\n\n@ab.table({options})\ndef numbers(): ...\n"
        workspace.write("assets/tables.py", text)
    else:
        workspace.notebook("numbers", ["import assetbook as ab", f"ab.asset({options})", SAVE])
    workspace.notebook("other", ["import assetbook as ab"])
    defs = Space(workspace.root, dg.DagsterInstance.ephemeral()).defs
    dg.Definitions.validate_loadable(defs)
    graph = defs.resolve_asset_graph()

    problem = graph.get(dg.AssetKey("numbers")).metadata["problem"].value
    assert problem.startswith(where)
    assert message in problem
    assert "Invariant" not in problem
    assert "problem" not in graph.get(dg.AssetKey("other")).metadata


def test_the_automation_sensor_runs_where_something_declares_a_condition(workspace):
    workspace.notebook("numbers", ["import assetbook as ab", "ab.asset(automation='eager')", SAVE])
    (sensor,) = Space(workspace.root, dg.DagsterInstance.ephemeral()).defs.get_repository_def().sensor_defs
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING

    workspace.write(
        "sensors/mine.py",
        "import dagster as dg\n\n"
        "mine = dg.AutomationConditionSensorDefinition('mine', target=dg.AssetSelection.all())\n",
    )
    (sensor,) = Space(workspace.root, dg.DagsterInstance.ephemeral()).defs.get_repository_def().sensor_defs
    assert sensor.name == "mine"


def test_eager_requests_what_its_condition_says(workspace, instance):
    workspace.write(
        "assets/tables.py",
        """
        import assetbook as ab
        import pandas as pd

        @ab.table
        def base() -> pd.DataFrame:
            return pd.DataFrame({"a": [1]})

        @ab.table(automation="eager")
        def late(base: pd.DataFrame) -> pd.DataFrame:
            return base
        """,
    )
    space = Space(workspace.root, instance)
    both = dg.AssetSelection.assets("base", "late")
    first = dg.evaluate_automation_conditions(space.defs, instance, asset_selection=both)
    assert first.total_requested == 0

    assert space.run("base").success
    second = dg.evaluate_automation_conditions(
        space.defs, instance, asset_selection=both, cursor=first.cursor
    )
    assert second.get_num_requested(dg.AssetKey("late")) == 1


def test_a_failing_cell_is_tried_again(workspace, open_space):
    workspace.notebook(
        "numbers",
        [
            "import assetbook as ab\nab.asset(retries=1)",
            "from pathlib import Path\nfound = Path('tried').exists()\nPath('tried').touch()\nassert found",
            SAVE,
        ],
    )
    space = open_space()

    result = space.run()

    assert result.success, failure_of(result)
    kinds = [e.event_type for e in result.all_events]
    assert kinds.count(dg.DagsterEventType.STEP_UP_FOR_RETRY) == 1
    assert space.lake.read("numbers").n.tolist() == [1]
