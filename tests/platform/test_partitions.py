"""Partitions of notebooks and tables: their keys, what maps to what, and the runs that make them."""

from __future__ import annotations

from datetime import datetime

import dagster as dg
import pytest

from assetbook.contract import Partitions
from assetbook.contract.partitions import parse_partitions
from assetbook.platform.partitioning import partitions_definition
from tests.platform.space import Space, failure_of


@pytest.mark.parametrize(
    ("said", "first", "last", "count"),
    [
        ("monthly from 2013-01 to 2013-12", "2013-01", "2013-12", 12),
        ("daily from 2013-02-27 to 2013-03-01", "2013-02-27", "2013-03-01", 3),
        ("weekly from 2013-01-07 to 2013-01-21", "2013-01-07", "2013-01-21", 3),
        ("weekly from 2013-01-06 to 2013-01-16", "2013-01-06", "2013-01-13", 2),
        ("hourly from 2013-01-01 to 2013-01-01-03:00", "2013-01-01-00:00", "2013-01-01-03:00", 4),
        (["JFK", "EWR"], "JFK", "EWR", 2),
    ],
)
def test_keys_read_as_they_are_written_and_the_last_is_included(said, first, last, count):
    keys = partitions_definition(parse_partitions({"key": said})).get_partition_keys()

    assert (keys[0], keys[-1], len(keys)) == (first, last, count)


def test_without_an_end_the_last_key_is_the_last_complete_window():
    definition = partitions_definition(Partitions("month", "monthly", start="2013-01"))

    assert definition.get_partition_keys(current_time=datetime(2013, 3, 31))[-1] == "2013-02"


@pytest.fixture
def graph(workspace):
    """Return the asset graph of the workspace, which holds no broken assets."""

    def load():
        defs = Space(workspace.root, dg.DagsterInstance.ephemeral()).defs
        dg.Definitions.validate_loadable(defs)
        found = defs.resolve_asset_graph()
        assert not [k for k in found.get_all_asset_keys() if "problem" in found.get(k).metadata]
        return found

    return load


def notebook(name: str, cut, *loads: str, parameter: str = "key: str = '2020-01'"):
    options = f"ab.asset(partitions={{'key': {cut!r}}})" if cut else ""
    cells = [
        f"import assetbook as ab\nimport pandas as pd\n{options}",
        *loads,
        f"ab.save('{name}', pd.DataFrame({{'key': [str(key)]}}))",
    ]
    return {"cells": cells, "parameters": parameter}


def mapping(graph, child: str, parent: str):
    return type(graph.get_partition_mapping(dg.AssetKey(child), dg.AssetKey(parent)))


def test_what_is_read_of_a_partitioned_asset_is_what_dagster_maps(workspace, graph):
    monthly, daily = "monthly from 2020-01 to 2020-12", "daily from 2020-01-01 to 2020-12-31"
    workspace.notebook("base", **notebook("base", monthly))
    workspace.notebook("same", **notebook("same", "like base", "ab.load('base', partition=key)"))
    workspace.notebook("part", **notebook("part", "monthly from 2020-06", "ab.load('base', partition=key)"))
    workspace.notebook("all", **notebook("all", monthly, "ab.load('base')"))
    workspace.notebook("fine", **notebook("fine", daily, "ab.load('base')", parameter="key = '2020-01-01'"))
    workspace.notebook("one", **notebook("one", None, "ab.load('base')"))
    workspace.notebook("other", **notebook("other", monthly, "ab.load('base', partition=since)", "since = 1"))
    workspace.write(
        "assets/tables.py",
        f"""
        import assetbook as ab

        @ab.table(partitions={{"key": "like base"}})
        def same_key(base): ...

        @ab.table(partitions={{"key": {daily!r}}})
        def whole(base): ...
        """,
    )
    found = graph()

    for child in ("same", "part", "same_key"):
        assert mapping(found, child, "base") is dg.TimeWindowPartitionMapping
    for child in ("all", "fine", "one", "other", "whole"):
        assert mapping(found, child, "base") is dg.AllPartitionMapping


def test_static_and_dynamic_keys_map_to_themselves(workspace, graph):
    for name, cut in (("static", ["a", "b"]), ("dynamic", "dynamic customers")):
        workspace.notebook(name, **notebook(name, cut, parameter="key = 'a'"))
        child = notebook(f"{name}_child", cut, f"ab.load('{name}', partition=key)", parameter="key = 'a'")
        workspace.notebook(f"{name}_child", **child)
    found = graph()

    assert mapping(found, "static_child", "static") is dg.IdentityPartitionMapping
    assert mapping(found, "dynamic_child", "dynamic") is dg.IdentityPartitionMapping


@pytest.mark.parametrize(
    ("annotation", "cut", "default"),
    [
        ("date", "monthly from 2020-01", "date(2020, 1, 1)"),
        ("date | None", "daily from 2020-01-01", "None"),
        ("date", "like base", "date(2020, 1, 1)"),
        ("datetime", "hourly from 2020-01-01", "datetime(2020, 1, 1)"),
        ("Literal['a', 'b']", ["a", "b"], "'a'"),
    ],
)
def test_types_that_can_take_a_key(workspace, graph, annotation, cut, default):
    imports = "from datetime import date, datetime\nfrom typing import Literal\n"
    workspace.notebook("base", **notebook("base", "monthly from 2020-01"))
    parameter = f"{imports}key: {annotation} = {default}"
    workspace.notebook("mine", **notebook("mine", cut, parameter=parameter))

    assert graph().get(dg.AssetKey("mine")).partitions_def is not None


def test_a_type_that_cannot(workspace):
    workspace.notebook(
        "mine",
        **notebook(
            "mine",
            "hourly from 2020-01-01",
            parameter="from datetime import date\nkey: date = date(2020, 1, 1)",
        ),
    )
    space = Space(workspace.root, dg.DagsterInstance.ephemeral())

    problem = space.defs.resolve_asset_graph().get(dg.AssetKey("mine")).metadata["problem"].value
    assert "cannot take the key '2020-01-01-00:00'" in problem


def test_partition_runs(workspace, open_space):
    """A date as key, two outputs, a key passed on, a whole table."""
    dates = "from datetime import date\nkey: date = date(2020, 1, 1)"
    workspace.notebook(
        "base",
        [
            "import assetbook as ab\nimport pandas as pd\nab.asset(partitions={'key': 'monthly from 2020-01'})",
            "ab.save('first', pd.DataFrame({'day': [key], 'n': [key.month]}))",
            "ab.save('second', pd.DataFrame({'n': [key.month * 10]}))",
        ],
        parameters=dates,
    )
    workspace.notebook(
        "after",
        [
            "import assetbook as ab\nimport pandas as pd\nab.asset(partitions={'key': 'like first'})",
            "own = ab.load('first', partition=key)",
            "whole = ab.load('second')",
            "ab.save('after', pd.DataFrame({'own': [own.n.sum()], 'whole': [whole.n.sum()]}))",
        ],
        parameters="key: str = '2020-01'",
    )
    space = open_space()

    for month in ("2020-01", "2020-02"):
        result = space.run("first", "second", partition=month)
        assert result.success, failure_of(result)
    result = space.run("after", partition="2020-02")
    assert result.success, failure_of(result)

    assert space.lake.read("first").n.tolist() == [1, 2]
    assert space.lake.read("after").to_dict("records") == [{"own": 2, "whole": 30}]
    made = space.latest("after")
    assert made.partition == "2020-02"
    assert made.metadata["assetbook/inputs"].value["first"]["partition"] == "2020-02"


def test_what_has_no_partitions_is_whole_also_in_a_run_for_a_partition(workspace, open_space):
    workspace.write(
        "assets/tables.py",
        """
        import assetbook as ab
        import pandas as pd

        @ab.table(partitions={"month": "monthly from 2020-01"})
        def base(month: str) -> pd.DataFrame:
            return pd.DataFrame({"month": [month]})

        @ab.table
        def whole(base: pd.DataFrame) -> pd.DataFrame:
            return base
        """,
    )
    workspace.notebook("total", ["import assetbook as ab", "ab.save('total', ab.load('base'))"])
    space = open_space()

    for month in ("2020-01", "2020-02"):
        result = space.run("base", "whole", "total", partition=month)
        assert result.success, failure_of(result)

    for name in ("whole", "total"):
        assert space.latest(name).partition is None
        assert space.lake.version(name).partitions == {}
        assert len(space.lake.read(name)) == 2


@pytest.fixture
def two_partitioned(workspace, open_space):
    workspace.notebook("mine", **notebook("mine", "monthly from 2020-01 to 2020-03"))
    workspace.write(
        "assets/tables.py",
        "import assetbook as ab\n\n"
        "@ab.table(partitions={'key': 'like mine'})\n"
        "def table(key: str): raise AssertionError('never called')\n",
    )
    return open_space()


def job_run(space, name, tags):
    return space.defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=space.instance,
        asset_selection=[dg.AssetKey(name)],
        tags=tags,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        raise_on_error=False,
    )


@pytest.mark.parametrize("name", ["mine", "table"])
def test_a_run_for_a_range_of_partitions_or_for_none_says_what_to_do(two_partitioned, name):
    span = {"dagster/asset_partition_range_start": "2020-01", "dagster/asset_partition_range_end": "2020-02"}

    assert failure_of(job_run(two_partitioned, name, span)) == (
        f"{name}: this run is for the partitions 2020-01 to 2020-02 at once, but a run makes one partition. "
        "Launch the backfill with one run for each partition."
    )
    assert "has monthly partitions such as 2020-01, but this run is for none" in (
        failure_of(job_run(two_partitioned, name, {}))
    )
    assert not list(two_partitioned.settings.records.rglob("*"))


def test_a_range_of_one_partition_is_that_partition(two_partitioned):
    span = {"dagster/asset_partition_range_start": "2020-02", "dagster/asset_partition_range_end": "2020-02"}

    result = job_run(two_partitioned, "mine", span)
    assert result.success, failure_of(result)

    assert two_partitioned.latest("mine").partition == "2020-02"


def test_dynamic_partitions_that_are_added_at_run_time(workspace, open_space):
    workspace.write(
        "assets/tables.py",
        """
        import assetbook as ab
        import pandas as pd

        @ab.table(partitions={"who": "dynamic customers"})
        def orders(who: str) -> pd.DataFrame:
            return pd.DataFrame({"who": [who]})
        """,
    )
    space = open_space()
    with pytest.raises(dg.DagsterUnknownPartitionError):
        space.run("orders", partition="ann")

    space.instance.add_dynamic_partitions("customers", ["ann"])

    assert space.run("orders", partition="ann").success
    assert dict(space.lake.version("orders").partitions).keys() == {"ann"}
