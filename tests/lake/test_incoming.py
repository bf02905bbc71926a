"""What the lake cannot keep is an error that names table, column, what was found and the fix."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import dateutil.tz
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from assetbook.errors import LakeError
from assetbook.lake import Lake

NO_TABLES = {
    "dict": ({"a": [1]}, "found dict.*pd.DataFrame\\(data\\)"),
    "list": ([1, 2], "found list.*pd.DataFrame"),
    "none": (None, "found NoneType.*Did a function"),
    "text": ("flights.csv", "found str"),
    "number": (3, "found int"),
    "series": (pd.Series([1], name="a"), "pandas.*Series.*to_frame"),
    "polars series": (pl.Series("a", [1]), "Series.*to_frame"),
    "array": (np.zeros((2, 2)), "numpy.ndarray.*columns="),
    "arrow array": (pa.array([1]), "Int64Array"),
    "chunked array": (pa.chunked_array([[1]]), "ChunkedArray"),
}


@pytest.mark.parametrize("kind", NO_TABLES)
def test_what_is_no_table_is_refused(lake: Lake, kind: str) -> None:
    data, message = NO_TABLES[kind]
    with pytest.raises(LakeError, match=message):
        lake.stage("t", data, group="g", run_id="run")


NAMES = {
    "numbers": (pd.DataFrame([[1, 2]]), r"column name 0 is of type int.*str\(c\) for c"),
    "levels": (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "of type tuple.*join"),
    "twice": (pd.DataFrame([[1, 2]], columns=["a", "a"]), "more than once: 'a'"),
    "case": (pd.DataFrame([[1, 2]], columns=["a", "A"]), "'a' and 'A' differ only in case"),
    "hidden": (pd.DataFrame({"_partition": [1]}), "'_partition' belongs to the lake"),
    "hidden in capitals": (pd.DataFrame({"_Partition": [1]}), "'_Partition' belongs to the lake"),
    "empty": (pd.DataFrame({"": [1]}), "column name '' is empty"),
    "none": (pd.DataFrame({"a": [1]}).drop(columns="a"), "without columns"),
    "arrow twice": (pa.Table.from_arrays([pa.array([1]), pa.array([1])], names=["a", "a"]), "more than once"),
}


@pytest.mark.parametrize("kind", NAMES)
def test_column_names_that_sql_cannot_use_are_refused(lake: Lake, kind: str) -> None:
    data, message = NAMES[kind]
    with pytest.raises(LakeError, match=message):
        lake.stage("t", data, group="g", run_id="run")


VALUES: dict[str, tuple[Any, str]] = {
    "complex": (pd.Series([1 + 2j]), "complex128"),
    "mixed": (pd.Series([1, "a"]), "objects of type int, str.*astype"),
    "objects": (pd.Series([object()]), "objects of type object"),
    "huge ints": (pd.Series([2**70], dtype=object), "objects of type int"),
    "period": (pd.Series(pd.period_range("2020", periods=2, freq="M")), r"dt.to_timestamp\(\)"),
    "interval": (pd.Series(pd.interval_range(0, 2)), "its bounds"),
    "bins": (pd.cut(pd.Series([1, 2]), 2), "its bounds"),
    "sparse": (pd.Series(pd.arrays.SparseArray([0, 1])), "sparse.to_dense"),
    "ints and floats": (pd.Series([1, 2.5], dtype=object), r"found float, int.*astype\(float\)"),
    "bools and floats": (pd.Series([2.5, True], dtype=object), "found bool, float"),
    "text and bytes": (pd.Series(["a", b"a"]), "found bytes, str.*come back as binary"),
    "dates and datetimes": (
        pd.Series([dt.date(2020, 1, 1), dt.datetime(2020, 1, 1)]),
        "found date, datetime",
    ),
    "decimals and ints": (pd.Series([Decimal("1.5"), 1]), "found Decimal, int"),
    "times with a zone": (pd.Series([dt.time(1, tzinfo=dt.UTC)]), "found time with a time zone"),
    "byte arrays": (pd.Series([bytearray(b"a")]), "found bytearray"),
    "lists of tuples": (pd.Series([[(1, 2)]]), "found tuple.*lists"),
    "lists of missing": (pd.Series([[1, pd.NA]]), "found NAType, int"),
    "ints and floats in lists": (pd.Series([[1, 2.5]]), "found float, int"),
    "zones in lists": (
        pd.Series([[dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)]]),
        "zone",
    ),
    "nanoseconds in lists": (pd.Series([[pd.Timestamp(1)]]), "found Timestamp with a time zone or nanosec"),
    "different dicts": (pd.Series([{"a": 1}, {"b": 1}]), "dicts of different keys.*json.dumps"),
    "different dicts inside": (pd.Series([{"a": {"b": 1}}, {"a": {}}]), "dicts of different keys"),
    "arrays of text": (pd.Series([np.array(["a"])]), "arrays of <U1.*lists"),
    "arrays of different dtypes": (pd.Series([np.array([1]), np.array([1.5])]), "arrays of float64, int64"),
    "arrays of two dimensions": (pd.Series([np.zeros((2, 2))]), "1-dimensional"),
    "mixed categories": (
        pd.Series(pd.Categorical.from_codes([0], pd.Index([1.5, True], dtype=object))),
        "found bool, float",
    ),
    "categories of tuples": (
        pd.Series(pd.Categorical.from_codes([0], pd.Index([(1,)], tupleize_cols=False))),
        "tuple",
    ),
    "local time": (
        pd.Series(pd.to_datetime(["2020"]).tz_localize(dateutil.tz.tzlocal())),
        "would come back as.*tz_convert",
    ),
    "arrays without elements": (pa.array([[]], pa.list_(pa.int8(), 0)), "no elements"),
    "nested categories": (
        pa.DictionaryArray.from_arrays(pa.array([0]), pa.array([[1]])),
        "Make the categories strings",
    ),
    "uuid": (pd.Series([uuid.UUID(int=1)]), r"text, `.astype\(str\)`"),
    "tuples": (pd.Series([(1, 2)]), r"found tuple.*map\(list\)"),
    "lists and arrays": (pd.Series([[1], np.array([2])]), "found list, ndarray"),
    "empty dicts": (pd.Series([{}]), "no keys"),
    "datetime objects": (pd.Series([dt.datetime(2020, 1, 1)], dtype=object), "pd.to_datetime"),
    "timedelta objects": (pd.Series([dt.timedelta(1)], dtype=object), "pd.to_timedelta"),
    "nanoseconds": (pd.Series([pd.Timestamp("2020-01-01 00:00:00.000000001")]), r"dt.floor\('us'\)"),
    "wide decimals": (pa.array([Decimal(1)], pa.decimal256(50, 2)), "at most 38 digits"),
    "negative scale": (pa.array([Decimal(100)], pa.decimal128(5, -2)), "scale of 0 or more"),
    "months": (pa.array([(1, 2, 3)], pa.month_day_nano_interval()), "month_day_nano_interval.*epoch"),
    "list views": (pa.array([[1]], pa.list_view(pa.int64())), "list_view"),
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_that_cannot_be_kept_are_refused(lake: Lake, kind: str) -> None:
    values, message = VALUES[kind]
    data = pd.DataFrame({"ok": 1, "c": values}) if isinstance(values, pd.Series) else pa.table({"c": values})
    with pytest.raises(LakeError, match=f"(?s)'t'.*'c'.*{message}"):
        lake.stage("t", data, group="g", run_id="run")
    assert not lake.exists("t")


def test_polars_objects_are_refused(lake: Lake) -> None:
    with pytest.raises(LakeError, match=r"'o'.*pl.Object"):
        lake.stage("t", pl.DataFrame({"o": [object()]}), group="g", run_id="run")


def test_polars_types_without_an_arrow_form_are_refused(lake: Lake) -> None:
    frame = pl.DataFrame({"i": pl.Series([1], dtype=pl.Int128)})
    with pytest.raises(LakeError, match=r"no Arrow type.*Int128"):
        lake.stage("t", frame, group="g", run_id="run")


INDEXES = {
    "text": (pd.DataFrame({"a": [1]}, index=["x"]), "index holds string values and has no name.*rename_axis"),
    "dates": (pd.DataFrame({"a": [1]}, index=pd.DatetimeIndex(["2020"])), "datetime64"),
    "levels": (pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)])), "has no name"),
    "half named": (
        pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)], names=["x", None])),
        "each needs a name",
    ),
    "clash": (pd.DataFrame({"a": [1]}, index=pd.Index([1], name="a")), "'a' is a column already"),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_an_index_that_would_be_lost_is_refused(lake: Lake, kind: str) -> None:
    data, message = INDEXES[kind]
    with pytest.raises(LakeError, match=message):
        lake.stage("t", data, group="g", run_id="run")


@pytest.mark.parametrize("name", ["", "a@3", "../a", "a//b", "_a", ".a", "a\\b", "a:b", "a/../b"])
def test_names_that_are_no_folders_are_refused(lake: Lake, name: str) -> None:
    with pytest.raises(LakeError, match="cannot name a folder"):
        lake.stage(name, pd.DataFrame({"a": [1]}), group="g", run_id="run")


@pytest.mark.parametrize("group", ["", "a/b", "_g", ".."])
def test_groups_that_are_no_folders_are_refused(lake: Lake, group: str) -> None:
    with pytest.raises(LakeError, match="cannot name a folder"):
        lake.stage("t", pd.DataFrame({"a": [1]}), group=group, run_id="run")


def test_an_empty_partition_key_is_refused(lake: Lake) -> None:
    with pytest.raises(LakeError, match="partition key is ''"):
        lake.stage("t", pd.DataFrame({"a": [1]}), group="g", run_id="run", partition="")
