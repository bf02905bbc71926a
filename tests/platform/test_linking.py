"""Notebooks, table functions and Dagster's own assets as one graph, also where they contradict each other."""

from __future__ import annotations

import dagster as dg
import pytest

from tests.platform.space import Space, failure_of

TABLE = "import assetbook as ab\nimport pandas as pd\nab.save('{name}', pd.DataFrame({{'a': [1]}}))"


def saves(name: str, *reads: str) -> list[str]:
    """Return the cells of a notebook that loads some tables and saves one."""
    loads = "".join(f"ab.load('{read}')\n" for read in reads)
    return [TABLE.format(name=name), loads] if loads else [TABLE.format(name=name)]


def problem(space, name):
    """Return what the UI shows for a broken asset, and check that it shows it everywhere."""
    node = space.defs.resolve_asset_graph().get(dg.AssetKey(name))
    message = node.metadata["problem"].value
    assert node.description == f"**Cannot run.** {message}"
    assert node.tags["assetbook/broken"] == "true"
    return message


def names(space):
    return {key.to_user_string() for key in space.defs.resolve_asset_graph().get_all_asset_keys()}


def is_whole(space, name):
    return "problem" not in space.defs.resolve_asset_graph().get(dg.AssetKey(name)).metadata


@pytest.fixture
def loadable(workspace):
    """Open the workspace and have Dagster accept the whole of it."""

    def load():
        space = Space(workspace.root, dg.DagsterInstance.ephemeral())
        dg.Definitions.validate_loadable(space.defs)
        return space

    return load


def test_two_notebooks_that_save_one_name_are_both_named_and_the_rest_is_whole(workspace, loadable):
    workspace.notebook("one", saves("both"))
    workspace.notebook("two", saves("both"))
    workspace.notebook("other", saves("fine"))
    space = loadable()

    assert problem(space, "both") == (
        "notebooks/one.ipynb, cell 1, line 3: asset 'both' is given here and also by "
        "notebooks/two.ipynb, cell 1, line 3. An asset has one source: rename it in all but one."
    )
    assert "notebooks/one.ipynb" in problem(space, "two")
    assert is_whole(space, "fine")
    assert names(space) == {"both", "two", "fine"}


def test_a_broken_asset_fails_at_once_with_its_message(workspace, loadable):
    workspace.notebook("one", saves("both"))
    workspace.notebook("two", saves("both"))
    space = loadable()

    result = space.run("both")

    assert failure_of(result) == problem(space, "both")
    (failure,) = [e for e in result.all_events if e.event_type is dg.DagsterEventType.STEP_FAILURE]
    assert failure.step_failure_data.user_failure_data.label == "intentional-failure"
    assert not list(space.settings.records.rglob("*"))


def test_the_second_notebook_is_called_after_its_file_even_if_that_is_the_name_they_fight_for(
    workspace, loadable
):
    workspace.notebook("aaa", saves("both"))
    workspace.notebook("both", saves("both"))

    assert names(loadable()) == {"both", "both_notebook"}


def test_a_notebook_and_a_table_function_with_one_name(workspace, loadable):
    workspace.write(
        "assets/raw.py",
        """
        import assetbook as ab
        import pandas as pd

        @ab.table
        def flights() -> pd.DataFrame:
            return pd.DataFrame({"a": [1]})
        """,
    )
    workspace.notebook("mine", saves("flights"))
    space = loadable()

    assert (
        "assets/raw.py, flights(): asset 'flights' is given here and also by notebooks/mine.ipynb, cell 1"
        in (problem(space, "flights"))
    )
    assert "assets/raw.py, flights()" in problem(space, "mine")


def test_a_notebook_gives_way_to_an_asset_of_dagster_itself(workspace, loadable):
    workspace.write("assets/raw.py", "import dagster as dg\n\n@dg.asset\ndef flights(): ...\n")
    workspace.notebook("mine", saves("flights"))
    space = loadable()

    assert is_whole(space, "flights")
    assert "assets/raw.py, asset flights" in problem(space, "mine")


def test_two_table_functions_with_one_name_in_two_files(workspace, loadable):
    text = "import assetbook as ab\n\n@ab.table\ndef flights(): ...\n"
    workspace.write("assets/one.py", text)
    workspace.write("assets/two.py", text)
    space = loadable()

    assert "assets/two.py, flights()" in problem(space, "flights")
    assert "assets/one.py, flights()" in problem(space, "assets__two__flights")


def test_names_that_sql_takes_for_one_are_refused_in_both_places(workspace, loadable):
    workspace.notebook("one", saves("Orders"))
    workspace.notebook("two", saves("orders"))
    workspace.notebook("three", saves("THREE", "orders"))
    space = loadable()

    assert problem(space, "Orders") == (
        "notebooks/one.ipynb, cell 1, line 3: asset 'Orders' is given here, and 'orders' by notebooks/two.ipynb, "
        "cell 1, line 3. SQL takes names that differ in case only for one: rename all but one."
    )
    assert "'Orders' by notebooks/one.ipynb, cell 1, line 3" in problem(space, "orders")
    assert is_whole(space, "THREE")


def test_a_report_that_is_called_like_a_table_is_refused_and_the_table_is_not(workspace, loadable):
    workspace.write("assets/raw.py", "import assetbook as ab\n\n@ab.table\ndef customers(): ...\n")
    workspace.notebook("customers", ["print('only looking')"])
    workspace.notebook("fit", ["import assetbook as ab\nab.save_model('line', 1)"])
    workspace.notebook("Line", ["1"])
    workspace.notebook("reader", saves("mine", "customers"))
    space = loadable()

    assert all(is_whole(space, name) for name in ("customers", "line", "mine"))
    assert problem(space, "customers_notebook") == (
        "notebooks/customers.ipynb: the notebook saves nothing and is called after its file, but 'customers' is "
        "also given by assets/raw.py, customers(). Rename the file."
    )
    assert "but 'line' is also given by notebooks/fit.ipynb, cell 1, line 2" in problem(space, "Line")


def test_two_reports_of_one_file_name_are_both_told_to_rename(workspace, loadable):
    workspace.notebook("a/eda", ["1"])
    workspace.notebook("b/eda", ["1"])
    space = loadable()

    assert problem(space, "eda").startswith("notebooks/a/eda.ipynb: the notebook saves nothing")
    assert "'eda' is also given by notebooks/a/eda.ipynb. Rename the file." in problem(space, "b__eda")


def test_a_report_called_by_a_reserved_word(workspace, loadable):
    workspace.notebook("meta", ["1"])

    assert "Rename the file." in problem(loadable(), "meta_notebook")


def test_only_what_can_be_loaded_is_suggested(workspace, loadable):
    workspace.write(
        "assets/raw.py", "import dagster as dg\n\n@dg.asset(key=['pre', 'orders'])\ndef x(): ...\n"
    )
    workspace.write("assets/tables.py", "import assetbook as ab\n\n@ab.table\ndef late(ordrs): ...\n")
    workspace.notebook("orders_report", ["1"])
    workspace.write("notebooks/ordera.ipynb", "")
    workspace.notebook("Orders", saves("OrdersAll"))
    workspace.notebook("fit", ["import assetbook as ab\nab.save_model('orders_model', 1)"])
    workspace.notebook("reader", saves("mine", "ORDERSALL"))
    space = loadable()

    assert "Did you mean 'OrdersAll'? Known: OrdersAll, late, orders_model." in problem(space, "mine")
    assert problem(space, "late").endswith("Known: OrdersAll, mine.")


def test_an_unknown_input_with_the_nearest_name(workspace, loadable):
    workspace.notebook("numbers", saves("numbers"))
    workspace.notebook("doubles", saves("doubles", "nubmers"))
    space = loadable()

    assert problem(space, "doubles") == (
        "notebooks/doubles.ipynb, cell 2, line 1: loads 'nubmers', which no notebook or Python asset gives. "
        "Did you mean 'numbers'? Known: numbers."
    )
    assert is_whole(space, "numbers")


def test_the_nearest_name_is_found_whatever_its_case(workspace, loadable):
    workspace.notebook("orders", saves("orders"))
    workspace.notebook("reader", [*saves("mine"), "ab.sql('select * from ORDERS')"])

    assert "loads 'ORDERS', which no notebook or Python asset gives. Did you mean 'orders'?" in problem(
        loadable(), "mine"
    )


def test_an_unknown_input_of_a_table_function(workspace, loadable):
    workspace.write("assets/raw.py", "import assetbook as ab\n\n@ab.table\ndef late(flihgts): ...\n")
    workspace.notebook("flights", saves("flights"))

    assert "assets/raw.py, late(): loads 'flihgts'" in problem(loadable(), "late")
    assert "Did you mean 'flights'?" in problem(loadable(), "late")


def test_a_report_and_a_model_are_no_tables(workspace, loadable):
    workspace.notebook("summary", ["import assetbook as ab"])
    workspace.notebook("reader", saves("mine", "summary"))
    workspace.notebook("fit", ["import assetbook as ab\nab.save_model('line', 1)"])
    workspace.write("assets/raw.py", "import assetbook as ab\n\n@ab.table\ndef late(line): ...\n")
    space = loadable()

    assert "loads 'summary', which is a report and has no rows. Save the table" in problem(space, "mine")
    assert "takes 'line', which is a model. A table function reads tables only" in problem(space, "late")


@pytest.mark.parametrize("size", [2, 3])
def test_a_cycle_names_all_its_notebooks_in_each_of_them(workspace, loadable, size):
    for n in range(size):
        workspace.notebook(f"n{n}", saves(f"t{n}", f"t{(n + 1) % size}"))
    workspace.notebook("after", saves("after", "t0"))
    space = loadable()

    for n in range(size):
        message = problem(space, f"t{n}")
        assert message.startswith(f"notebooks/n{n}.ipynb: its inputs depend on its own outputs: ")
        assert all(f"notebooks/n{other}.ipynb" in message for other in range(size))
        assert f"notebooks/n{n}.ipynb, cell 2, line 1 reads 't{(n + 1) % size}', notebooks/n" in message
        assert "drop one of the loads" in message
    assert is_whole(space, "after")


def test_a_notebook_that_loads_what_it_saves(workspace, loadable):
    workspace.notebook("self", saves("mine", "mine"))

    assert "it would depend on itself" in problem(loadable(), "mine")


def test_a_table_function_that_reads_itself(workspace, loadable):
    workspace.write("assets/raw.py", "import assetbook as ab\n\n@ab.table\ndef flights(flights): ...\n")

    assert "assets/raw.py, flights(): reads 'flights', which it gives itself" in problem(
        loadable(), "flights"
    )


def test_a_cycle_through_a_table_function_and_one_through_dagster(workspace, loadable):
    workspace.write(
        "assets/raw.py",
        """
        import assetbook as ab
        import dagster as dg

        @ab.table
        def table(from_notebook): ...

        @dg.asset(deps=["other"])
        def foreign(): ...
        """,
    )
    workspace.notebook("one", saves("from_notebook", "table"))
    workspace.notebook("two", saves("other", "foreign"))
    space = loadable()

    assert "assets/raw.py, table()" in problem(space, "from_notebook")
    assert "notebooks/one.ipynb" in problem(space, "table")
    assert "assets/raw.py, asset foreign" in problem(space, "other")
    assert is_whole(space, "foreign")


def test_two_notebooks_of_one_stem_in_two_folders(workspace, loadable):
    workspace.notebook("a/clean", saves("clean_a"))
    workspace.notebook("b/clean", saves("clean_b"))
    workspace.notebook("a__clean", saves("clean_c"))
    space = loadable()

    ops = {node.op_name for node in space.linked.nodes.values()}
    assert ops == {"a__clean", "b__clean", "a__clean_notebook"}
    assert names(space) == {"clean_a", "clean_b", "clean_c"}


def test_a_notebook_whose_file_is_called_like_a_computation_or_a_job_of_dagster(workspace, loadable):
    workspace.write(
        "assets/raw.py",
        """
        import dagster as dg

        @dg.multi_asset(name="several", specs=[dg.AssetSpec("one"), dg.AssetSpec("two")])
        def several(): ...

        nightly = dg.define_asset_job("nightly", selection=["one", "two"])
        """,
    )
    workspace.notebook("reports/several", saves("three"))
    workspace.notebook("reports/nightly", saves("four"))
    space = loadable()

    ops = {node.op_name for node in space.linked.nodes.values()}
    assert ops == {"reports__several", "reports__nightly"}


@pytest.mark.parametrize("name", ["meta", "class", "input"])
def test_reserved_words(workspace, loadable, name):
    workspace.notebook("one", saves(name))
    workspace.notebook(name, saves("fine"))
    space = loadable()

    assert f"no asset can be called {name!r}" in problem(space, "one")
    assert is_whole(space, "fine")


def test_an_unreadable_notebook_takes_no_name_and_breaks_nothing_downstream(workspace, loadable):
    workspace.write("notebooks/numbers.ipynb", "<<<<<<< HEAD")
    workspace.write("notebooks/flights.ipynb", "")
    workspace.write("assets/raw.py", "import assetbook as ab\n\n@ab.table\ndef flights(): ...\n")
    workspace.notebook("doubles", saves("doubles", "numbers"))
    space = loadable()

    assert "notebooks/numbers.ipynb" in problem(space, "numbers")
    assert "notebooks/flights.ipynb" in problem(space, "flights_notebook")
    assert is_whole(space, "flights")
    assert is_whole(space, "doubles")


# ---- partitions that follow those of others


def partitioned(name: str, cut: str, *, load: str = "", kind: str = "str", default: str = "'2020-01'"):
    cells = [f"import assetbook as ab\nab.asset(partitions={{'month': {cut!r}}})", TABLE.format(name=name)]
    return {"cells": [*cells, load], "parameters": f"month: {kind} = {default}"}


@pytest.mark.parametrize(
    ("like", "message"),
    [
        ("like nothing", "are 'like nothing', but there is no asset 'nothing'. Known: base."),
        ("like plain", "are 'like plain', but 'plain' has no partitions. Known: base."),
        ("like base", None),
    ],
)
def test_partitions_like_those_of_another(workspace, loadable, like, message):
    workspace.notebook("base", **partitioned("base", "monthly from 2020-01 to 2020-03"))
    workspace.notebook("plain", saves("plain"))
    workspace.notebook("mine", **partitioned("mine", like))
    space = loadable()

    if message:
        assert message in problem(space, "mine")
    else:
        graph = space.defs.resolve_asset_graph()
        assert graph.get(dg.AssetKey("mine")).partitions_def == graph.get(dg.AssetKey("base")).partitions_def


def test_partitions_that_follow_each_other_in_a_circle(workspace, loadable):
    workspace.notebook("one", **partitioned("one", "like two"))
    workspace.notebook("two", **partitioned("two", "like one"))
    workspace.notebook("self", **partitioned("self", "like self"))
    space = loadable()

    assert "in a circle: notebooks/one.ipynb → notebooks/two.ipynb → notebooks/one.ipynb" in problem(
        space, "one"
    )
    assert "in a circle: notebooks/self.ipynb → notebooks/self.ipynb" in problem(space, "self")


def test_partitions_like_those_of_a_dagster_asset(workspace, loadable):
    workspace.write(
        "assets/raw.py",
        """
        import dagster as dg

        @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
        def base(): ...
        """,
    )
    workspace.notebook("mine", **partitioned("mine", "like base", load="ab.load('base', partition=month)"))
    space = loadable()

    node = space.defs.resolve_asset_graph().get(dg.AssetKey("mine"))
    assert node.partitions_def.get_partition_keys() == ["a", "b"]


def test_a_parameter_that_cannot_take_the_keys_that_it_follows(workspace, loadable):
    workspace.notebook("base", **partitioned("base", ["x", "y"], default="'x'"))
    workspace.notebook("mine", **partitioned("mine", "like base", kind="int", default="1"))

    message = problem(loadable(), "mine")
    assert "notebooks/mine.ipynb: cannot take the partition key 'x'. Parameter 'month'" in message
    assert message.endswith("Give the parameter a type that takes all keys, such as month: str.")


@pytest.mark.parametrize(
    ("own", "upstream", "message"),
    [
        (
            "daily from 2020-01-01",
            "monthly from 2020-01",
            "has daily partitions such as 2020-01-01 and 'base' has monthly partitions such as 2020-01.",
        ),
        (["a", "b", "c"], ["a", "b"], "has the partitions a, b, c and 'base' has the partitions a, b."),
        ("dynamic ones", "dynamic others", "has the dynamic partitions 'ones'"),
        ("monthly from 2020-05", "monthly from 2020-01", None),
        (["a"], ["a", "b"], None),
        ("dynamic ones", "dynamic ones", None),
    ],
)
def test_a_key_passed_to_a_load_must_be_one_of_the_upstream_partitions(
    workspace, loadable, own, upstream, message
):
    workspace.notebook("base", **partitioned("base", upstream))
    workspace.notebook("mine", **partitioned("mine", own, load="ab.load('base', partition=month)"))
    space = loadable()

    if message:
        assert "notebooks/mine.ipynb, cell 4, line 1: loads 'base' with partition=month" in problem(
            space, "mine"
        )
        assert message in problem(space, "mine")
        assert '"like base"' in problem(space, "mine")
    else:
        assert is_whole(space, "mine")


def test_a_partition_of_what_has_none(workspace, loadable):
    workspace.notebook("plain", saves("plain"))
    workspace.notebook(
        "mine",
        **partitioned("mine", "monthly from 2020-01", load="ab.load('plain', partition=month)"),
    )

    assert "loads a partition of 'plain', which has no partitions. Leave out partition=" in problem(
        loadable(), "mine"
    )
