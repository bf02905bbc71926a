"""Table functions as Dagster assets: landing files, inputs, schemas, partitions, and what they return."""

from __future__ import annotations

import dagster as dg
import pytest

from tests.platform.space import failure_of

HEAD = """
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pandera.pandas as pa
import polars as pl
import pyarrow
from pandera.typing import Series

import assetbook as ab
from assetbook.landing import read_csv
"""
SCHEMA = """
class Flights(pa.DataFrameModel):
    number: Series[int] = pa.Field(ge=0, description="Its number")

    class Config:
        coerce = True
"""


@pytest.fixture
def tables(workspace, open_space):
    """Open a workspace with one module of table functions."""

    def load(text: str):
        workspace.write("assets/tables.py", HEAD + text)
        return open_space()

    return load


def test_a_landing_file_that_has_not_arrived_or_is_cut_short(tables, workspace):
    space = tables(
        """
@ab.table(landing="flights-{month}.csv", partitions={"month": "monthly from 2020-01"}, retries=3)
def flights(landing: Path):
    return read_csv(landing, columns=["number"])
"""
    )
    workspace.write("data/landing/flights-2020-02.csv", "number\n1")
    workspace.write("data/landing/flights-2020-03.csv", "number\n1\n")

    absent = space.run("flights", partition="2020-01")
    cut = space.run("flights", partition="2020-02")

    assert "flights-2020-01.csv has not arrived. Partitions that have: 2020-02, 2020-03." in failure_of(
        absent
    )
    assert "flights-2020-02.csv: found the last line has no line end" in failure_of(cut)
    assert not [e for e in cut.all_events if e.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY]
    assert not space.lake.exists("flights")
    assert space.run("flights", partition="2020-03").success


def test_a_violated_schema_blocks_and_leaves_the_old_version(tables, workspace):
    space = tables(
        SCHEMA
        + """
@ab.table(schema=Flights, landing="flights.csv")
def flights(landing: Path):
    return read_csv(landing, schema=Flights)
"""
    )
    workspace.write("data/landing/flights.csv", "number\n1\n")
    assert space.run("flights").success
    workspace.write("data/landing/flights.csv", "number\n-1\n2\n")

    result = space.run("flights")

    (check,) = result.get_asset_check_evaluations()
    assert (check.passed, check.check_name) == (False, "schema")
    assert check.metadata["failing rows"].value == 1
    assert "| number |" in check.metadata["failure cases"].value
    assert failure_of(result).startswith("Nothing was published. Table 'flights' does not meet Flights")
    assert space.lake.read("flights").number.tolist() == [1]
    assert not list((space.settings.data / "lake").rglob("*.tmp"))
    columns = space.defs.resolve_asset_graph().get(dg.AssetKey("flights")).metadata["dagster/column_schema"]
    assert columns.columns[0].description == "Its number"


def test_inputs_come_as_they_are_annotated(tables):
    space = tables(
        """
@ab.table
def base() -> pd.DataFrame:
    return pd.DataFrame({"a": [1, 2]})

@ab.table
def plain(base):
    assert isinstance(base, pd.DataFrame)
    return base

@ab.table
def fast(base: pl.DataFrame) -> pl.DataFrame:
    return base.filter(pl.col("a") > 1)

@ab.table
def arrow(base: pyarrow.Table) -> pyarrow.Table:
    return base

@ab.table
def relation(base: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    return base.filter("a > 1")
"""
    )

    result = space.run()

    assert result.success, failure_of(result)
    assert space.lake.read("fast").a.tolist() == [2]
    assert space.lake.read("relation").a.tolist() == [2]
    read = space.latest("plain").metadata["assetbook/inputs"].value["base"]
    assert read == {"kind": "table", "version": 0, "data_version": space.lake.version("base").data_version}
    assert "dagster/input_data_version/base" in space.latest("plain").tags


def test_a_landing_file_and_inputs_are_both_written_down(tables, workspace):
    space = tables(
        """
@ab.table
def base() -> pd.DataFrame:
    return pd.DataFrame({"a": [1]})

@ab.table(landing="b.csv")
def both(landing: Path, base: pd.DataFrame) -> pd.DataFrame:
    return base
"""
    )
    workspace.write("data/landing/b.csv", "a\n1\n")

    assert space.run().success

    assert set(space.latest("both").metadata["assetbook/inputs"].value) == {"landing", "base"}


def test_partitions_like_those_of_an_input_read_the_same_key_and_others_all_of_it(tables):
    space = tables(
        """
@ab.table(partitions={"month": "monthly from 2020-01"})
def base(month: date) -> pd.DataFrame:
    return pd.DataFrame({"day": [month]})

@ab.table(partitions={"month": "like base"})
def same(base: pd.DataFrame, month: str) -> pd.DataFrame:
    return base.assign(month=month)

@ab.table
def whole(base: pd.DataFrame) -> pd.DataFrame:
    return base
"""
    )
    for month in ("2020-01", "2020-02"):
        result = space.run("base", "same", partition=month)
        assert result.success, failure_of(result)
    assert space.run("whole").success

    assert space.lake.read("base").day.astype(str).tolist() == ["2020-01-01", "2020-02-01"]
    assert space.lake.read("same").month.tolist() == ["2020-01", "2020-02"]
    assert len(space.lake.read("whole")) == 2
    read = space.latest("same").metadata["assetbook/inputs"].value["base"]
    assert read["data_version"] == space.lake.version("base").partitions["2020-02"]


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ("None", "assets/tables.py, flights(): returned None, expected a table. Return the frame."),
        ("{'a': 1}", "found dict, which is no table"),
        ("pd.DataFrame({1: [1]})", "1"),
    ],
)
@pytest.mark.parametrize("schema", ["", "schema=Flights"])
def test_what_is_no_table(tables, returned, message, schema):
    space = tables(
        f"""{SCHEMA}
@ab.table({schema})
def flights():
    return {returned}
"""
    )

    assert message in failure_of(space.run("flights"))
    assert not space.lake.exists("flights")


def test_an_input_that_was_never_made(tables):
    space = tables(
        """
@ab.table
def base(): ...

@ab.table
def late(base: pd.DataFrame): ...
"""
    )

    assert "There is no table 'base'" in failure_of(space.run("late"))


def test_plain_dagster_assets_share_the_lake_with_table_functions_and_notebooks(tables, workspace):
    workspace.notebook(
        "doubles",
        ["import assetbook as ab", "ab.save('doubles', ab.load('plain') * 2)"],
    )
    space = tables(
        """
@ab.table
def base() -> pd.DataFrame:
    return pd.DataFrame({"a": [1]})

@dg.asset
def plain(base: pl.DataFrame) -> pl.DataFrame:
    return base

@dg.multi_asset(outs={"low": dg.AssetOut(), "high": dg.AssetOut()}, ins={"doubles": dg.AssetIn()})
def split(doubles: pd.DataFrame):
    return doubles, doubles + 1

@dg.asset_check(asset="doubles")
def positive(doubles: pd.DataFrame):
    return dg.AssetCheckResult(passed=bool((doubles.a > 0).all()))
"""
    )

    result = space.run()

    assert result.success, failure_of(result)
    assert space.lake.read("high").a.tolist() == [3]
    assert [c.passed for c in result.get_asset_check_evaluations()] == [True]
