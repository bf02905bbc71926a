"""SQL over the lake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from assetbook.errors import LakeError
from assetbook.lake import Lake, TableVersion

Save = Callable[..., TableVersion]


@pytest.fixture
def flights(save: Save) -> TableVersion:
    save("flights", pd.DataFrame({"origin": ["EWR", "JFK", "EWR"], "delay": [1, 2, 3]}))
    return save("flights", pd.DataFrame({"origin": ["EWR", "JFK"], "delay": [10, 20]}))


def test_tables_are_known_by_name(lake: Lake, flights: TableVersion, save: Save) -> None:
    save("airports", pd.DataFrame({"code": ["EWR", "JFK"], "city": ["Newark", "New York"]}), group="raw")
    sql = "select city, delay from flights join airports on origin = code order by delay"
    assert lake.query(sql).fetchall() == [("Newark", 10), ("New York", 20)]


def test_versions_are_named_with_an_at_sign(lake: Lake, flights: TableVersion) -> None:
    sql = "select (select sum(delay) from flights@0) as old, sum(delay) as new, 'flights@0' as text from flights"
    assert lake.query(sql).fetchall() == [(6, 30, "flights@0")]
    assert lake.query('select sum(delay) from "flights@0"').fetchall() == [(Decimal(6),)]


def test_pinned_tables_are_the_only_ones(lake: Lake, flights: TableVersion, save: Save) -> None:
    save("airports", pd.DataFrame({"code": ["EWR"]}))
    old = {"flights": lake.version("flights", 0)}
    assert lake.query("select sum(delay) from flights", tables=old).fetchall() == [(6,)]
    with pytest.raises(LakeError, match=r"no table 'airports'.*Known: flights"):
        lake.query("select * from airports", tables=old)


def test_frames_and_parameters(lake: Lake, flights: TableVersion) -> None:
    limits = pd.DataFrame({"top": [15]})
    sql = "select origin from flights, limits where delay > top and delay < $most"
    assert lake.query(sql, frames={"limits": limits}, params={"most": 99}).fetchall() == [("JFK",)]
    assert lake.query("select ? + 1", params=[1]).fetchall() == [(2,)]
    frame = pl.DataFrame({"a": [1]})
    assert lake.query("select * from flights", frames={"flights": frame}).fetchall() == [(1,)]


def test_a_given_connection_is_used(lake: Lake, flights: TableVersion) -> None:
    connection = duckdb.connect()
    connection.execute("create table mine as select 'JFK' as origin")
    sql = "select delay from flights join mine using (origin)"
    assert lake.query(sql, connection=connection).fetchall() == [(20,)]


def test_stored_columns_have_the_types_that_they_mean(lake: Lake, save: Save) -> None:
    moment = dt.datetime(2013, 1, 1, 12)
    frame = pl.DataFrame(
        {
            "u": pl.Series([2**64 - 1], dtype=pl.UInt64),
            "small": pl.Series([255], dtype=pl.UInt8),
            "time": [dt.time(1, 2, 3, 4)],
            "wait": [dt.timedelta(hours=1)],
            "nanos": pl.Series([dt.timedelta(hours=1)], dtype=pl.Duration("ns")),
            "zone": pl.Series([moment]).dt.replace_time_zone("Europe/Berlin"),
            "moment": pl.Series([moment], dtype=pl.Datetime("ns")),
            "category": pl.Series(["x"], dtype=pl.Categorical),
            "nothing": [None],
        }
    )
    save("t", frame)
    relation = lake.query("select * from t")
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert types == {
        "u": "UBIGINT",
        "small": "UTINYINT",
        "time": "TIME",
        "wait": "INTERVAL",
        "nanos": "INTERVAL",
        "zone": "TIMESTAMP WITH TIME ZONE",
        "moment": "TIMESTAMP",
        "category": "VARCHAR",
        "nothing": "VARCHAR",
    }
    hour = dt.timedelta(hours=1)
    row = lake.query("select u, small, time, wait, nanos, moment, category, nothing from t").fetchall()
    assert row == [(2**64 - 1, 255, dt.time(1, 2, 3, 4), hour, hour, moment, "x", None)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_and_waits_of_any_unit_are_what_they_mean(lake: Lake, save: Save, unit: str) -> None:
    late, week = dt.time(23, 59, 59), dt.timedelta(days=-7)
    time = pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
    save("t", pa.table({"time": pa.array([late], time), "wait": pa.array([week], pa.duration(unit))}))
    assert lake.query("select time, wait from t").fetchall() == [(late, week)]


def test_columns_with_any_name_can_be_queried(lake: Lake, save: Save) -> None:
    save("t", pd.DataFrame({'a "b"': pd.to_timedelta([1], unit="s"), "it's": [1]}), partition="it's")
    assert lake.query('select "a ""b""", "it\'s" from t').fetchall() == [(dt.timedelta(seconds=1), 1)]


def test_an_empty_table_still_has_columns(lake: Lake, save: Save) -> None:
    save("t", pd.DataFrame({"a": pd.Series([], dtype="int64"), "d": pd.Series([], dtype="timedelta64[ns]")}))
    relation = lake.query("select * from t")
    assert (relation.columns, relation.fetchall()) == (["a", "d"], [])


def test_a_table_without_files_still_has_columns(lake: Lake, save: Save) -> None:
    from deltalake import DeltaTable

    version = save("t", pd.DataFrame({"a": [1], "d": pd.to_timedelta([1], unit="s")}))
    DeltaTable(version.uri).delete()
    assert lake.version("t").files == ()
    assert list(lake.read("t")) == ["a", "d"]
    relation = lake.query("select * from t")
    assert (relation.columns, relation.fetchall()) == (["a", "d"], [])


def test_unknown_tables_name_the_known(lake: Lake, flights: TableVersion) -> None:
    flights_of_ours = 1  # a Python variable is never taken for a table
    with pytest.raises(LakeError, match=r"no table 'flihgts'\. Did you mean 'flights'"):
        lake.query("select * from flihgts")
    with pytest.raises(LakeError, match="no table 'flights_of_ours'"):
        lake.query("select * from flights_of_ours")
    assert flights_of_ours == 1
    with pytest.raises(LakeError, match=r"no version 9"):
        lake.query("select * from flights@9")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select nothing from flights", "nothing"),
        ("selec 1", "SQL"),
        ("", "empty"),
        ("drop table flights", "query"),
        ("select 1 +", "SQL"),
    ],
)
def test_what_is_wrong_with_a_query_is_said(
    lake: Lake, flights: TableVersion, sql: str, message: str
) -> None:
    with pytest.raises(LakeError, match=message):
        lake.query(sql)


def test_a_folder_may_have_brackets_in_its_name(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake [1]")
    lake.publish([lake.stage("t", pd.DataFrame({"a": [1]}), group="g", run_id="r")], stamp={})
    assert lake.query("select * from t").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "query", ["show tables", "select table_name from information_schema.tables order by 1"]
)
def test_a_query_can_ask_which_tables_there_are(save: Save, lake: Lake, query: str) -> None:
    save("b", pd.DataFrame({"x": [1]}))
    save("a", pd.DataFrame({"x": [1]}))
    assert lake.query(query).fetchall() == [("a",), ("b",)]


def test_of_two_queries_none_is_left_out_silently(lake: Lake) -> None:
    with pytest.raises(LakeError, match="2 statements, and one answer"):
        lake.query("select 1; select 2")
    assert lake.query("select 1;").fetchall() == [(1,)]
