"""What is saved is what is loaded, with the types it was saved with."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal as assert_polars_equal

from assetbook.errors import LakeError
from assetbook.lake import Lake, TableVersion

Save = Callable[..., TableVersion]

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NOON = dt.datetime(2013, 1, 31, 12, 30, 15, 123456)

PANDAS: dict[str, Any] = {
    "int64": pd.Series([1, -2, 2**62]),
    "int8": pd.Series([1, -2, 127], dtype="int8"),
    "uint8": pd.Series([1, 2, 255], dtype="uint8"),
    "uint16": pd.Series([1, 2, 65535], dtype="uint16"),
    "uint32": pd.Series([1, 2, 2**32 - 1], dtype="uint32"),
    "uint64": pd.Series([1, 2, 2**64 - 1], dtype="uint64"),
    "float16": pd.Series([1.5, np.nan, np.inf], dtype="float16"),
    "float32": pd.Series([1.5, np.nan, -np.inf], dtype="float32"),
    "float64": pd.Series([1.5, np.nan, np.inf]),
    "bool": pd.Series([True, False, True]),
    "nullable int": pd.Series([1, None, 3], dtype="Int64"),
    "nullable small int": pd.Series([1, None, 3], dtype="UInt8"),
    "nullable bool": pd.Series([True, None, False], dtype="boolean"),
    "nullable float": pd.Series([1.5, None, 3], dtype="Float64"),
    "string": pd.Series(["a", None, "ü"], dtype="string"),
    "string pyarrow": pd.Series(["a", None, "ü"], dtype="string[pyarrow]"),
    "string with nan": pd.Series(["a", np.nan, "ü"], dtype=pd.StringDtype("pyarrow", na_value=np.nan)),
    "arrow int": pd.Series([1, None, 3], dtype="int8[pyarrow]"),
    "arrow decimal": pd.Series([Decimal("1.50"), None, None], dtype=pd.ArrowDtype(pa.decimal128(10, 2))),
    "text": pd.Series(["a", None, "漢字"]),
    "text with nan": pd.Series(["a", np.nan, "c"]),
    "bytes": pd.Series([b"\x00\xff", None, b""]),
    "decimal": pd.Series([Decimal("1.50"), None, Decimal("-3.25")]),
    "date": pd.Series([dt.date(2013, 1, 31), None, dt.date(1700, 1, 1)]),
    "time": pd.Series([dt.time(12, 30, 15, 123456), None, dt.time(0)]),
    "timestamp ns": pd.Series(pd.to_datetime([NOON, None, NOON]).as_unit("ns")),
    "timestamp us": pd.Series(pd.to_datetime([NOON, None, NOON]).as_unit("us")),
    "timestamp s": pd.Series(np.array(["2013-01-31", "NaT", "1500-01-01"], dtype="datetime64[s]")),
    "utc": pd.Series(pd.to_datetime([NOON, None, NOON]).tz_localize("UTC")),
    "zone": pd.Series(pd.to_datetime([NOON, None, NOON]).tz_localize("Europe/Berlin")),
    "zoneinfo": pd.Series(pd.to_datetime([NOON, None, NOON]).tz_localize(BERLIN)),
    "offset": pd.Series(pd.to_datetime([NOON, None, NOON]).tz_localize("+02:00")),
    "timedelta": pd.Series(pd.to_timedelta(["1 days", None, "3us"])),
    "timedelta s": pd.Series(pd.to_timedelta([1, None, 3], unit="s").as_unit("s")),
    "category": pd.Series(pd.Categorical(["b", None, "a"], categories=["c", "b", "a"])),
    "ordered category": pd.Series(pd.Categorical(["b", "a", "b"], categories=["c", "b", "a"], ordered=True)),
    "int category": pd.Series(pd.Categorical([3, None, 1], categories=[3, 2, 1])),
    "date category": pd.Series(pd.Categorical(pd.to_datetime(["2013-01-01", None, "2012-01-01"]))),
    "string category": pd.Series(pd.Categorical(pd.array(["b", None], "string"))),
    "Int64 category": pd.Series(pd.Categorical(pd.array([3, None], "Int64"))),
    "category of zoned times": pd.Series(pd.Categorical(pd.to_datetime([NOON]).tz_localize("Europe/Berlin"))),
    "category of nothing": pd.Series(pd.Categorical([None], categories=[])),
    "dateutil": pd.Series(pd.to_datetime([NOON, None]).tz_localize("dateutil/Europe/Berlin")),
    "all null": pd.Series([None, None, None]),
    "all nan": pd.Series([np.nan, np.nan, np.nan]),
    "lists": pd.Series([[1, None], None, []]),
    "empty lists": pd.Series([[], None, [None]]),
    "lists of times": pd.Series([[dt.time(1)], None, []]),
    "lists of text": pd.Series([["a"], ["b", None], []]),
    "dicts": pd.Series([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}]),
    "dicts of lists": pd.Series([{"a": [1, 2]}, None, {"a": []}]),
    "int objects": pd.Series([1, None, 3], dtype=object),
    "bool objects": pd.Series([True, None, False], dtype=object),
    "text with NA": pd.Series(["a", pd.NA], dtype=object),
    "text with NaT": pd.Series(["a", pd.NaT], dtype=object),
    "int objects with nan": pd.Series([1, np.nan], dtype=object),
    "all NA": pd.Series([pd.NA, pd.NA], dtype=object),
    "nan in lists": pd.Series([[1.5, np.nan, None], None]),
    "nothing but nan in lists": pd.Series([[np.nan], []]),
    "nan in dicts": pd.Series([{"a": np.nan, "b": [np.nan]}, {"a": 1.5, "b": None}]),
    "arrays of text": pd.Series([np.array(["a", None], dtype=object), None]),
    "empty text": pd.Series(["", " ", None]),
}


@pytest.mark.parametrize("kind", PANDAS)
def test_pandas_column_comes_back_as_it_was(save: Save, lake: Lake, kind: str) -> None:
    frame = pd.DataFrame({kind: PANDAS[kind]})
    save("t", frame)
    pd.testing.assert_frame_equal(lake.read("t"), frame)


def test_pandas_columns_keep_their_order_and_unicode_names(save: Save, lake: Lake) -> None:
    names = ["Abflug ä", "到着", "a b", "a.b", "x,y;{}()=\t", '"quoted"', "it's", "1"]
    frame = pd.DataFrame({name: pd.array([i, None], dtype="Int64") for i, name in enumerate(names)})
    frame.insert(3, "plain", ["a", None])
    save("t", frame)
    pd.testing.assert_frame_equal(lake.read("t"), frame)
    assert list(lake.read("t", columns=["a.b", "到着"])) == ["a.b", "到着"]
    assert lake.query("select * from t").columns == list(frame)


@pytest.mark.parametrize("kind", PANDAS)
def test_empty_pandas_frame_keeps_its_columns(save: Save, lake: Lake, kind: str) -> None:
    frame = pd.DataFrame({kind: PANDAS[kind].iloc[:0]})
    save("t", frame)
    back = lake.read("t")
    assert len(back) == 0
    assert back.dtypes.to_list() == frame.dtypes.to_list()
    assert lake.query("select * from t").columns == [kind]


def test_numpy_arrays_in_cells_come_back_as_arrays(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"v": [np.array([1.0, 2.0]), np.array([3.0])]}))
    assert [cell.tolist() for cell in lake.read("t")["v"]] == [[1.0, 2.0], [3.0]]


def test_named_index_is_kept(save: Save, lake: Lake) -> None:
    frame = pd.DataFrame({"delay": [1.5, 2.5]}, index=pd.Index(["EWR", "JFK"], name="origin"))
    save("t", frame)
    pd.testing.assert_frame_equal(lake.read("t"), frame)
    assert lake.read("t", as_="polars").columns == ["origin", "delay"]
    assert list(lake.read("t", columns=["delay"]).index) == [0, 1]


def test_index_of_several_levels_is_kept(save: Save, lake: Lake) -> None:
    levels = pd.MultiIndex.from_product([["EWR", "JFK"], [1, 2]], names=["origin", "month"])
    frame = pd.DataFrame({"delay": [1.0, 2.0, 3.0, 4.0]}, index=levels)
    save("t", frame)
    pd.testing.assert_frame_equal(lake.read("t"), frame)


def test_positions_of_rows_are_no_data(save: Save, lake: Lake) -> None:
    frame = pd.DataFrame({"a": [3, 1, 2]}).sort_values("a").query("a > 1")
    save("t", frame)
    pd.testing.assert_frame_equal(lake.read("t"), frame.reset_index(drop=True))


def test_polars_frame_comes_back_as_it_was(save: Save, lake: Lake) -> None:
    frame = pl.DataFrame(
        {
            "u8": pl.Series([1, None, 255], dtype=pl.UInt8),
            "u64": pl.Series([1, None, 2**64 - 1], dtype=pl.UInt64),
            "f": [1.5, float("nan"), None],
            "s": ["a", None, "ü"],
            "b": [b"a", None, b""],
            "date": [dt.date(2013, 1, 1), None, None],
            "time": [dt.time(1, 2, 3, 4), None, dt.time(0)],
            "us": [NOON, None, NOON],
            "ns": pl.Series([NOON, None, NOON], dtype=pl.Datetime("ns")),
            "zone": pl.Series([NOON, None, NOON]).dt.replace_time_zone("Europe/Berlin"),
            "duration": [dt.timedelta(days=1), None, dt.timedelta(microseconds=3)],
            "category": pl.Series(["b", None, "a"], dtype=pl.Categorical),
            "enum": pl.Series(["x", None, "y"], dtype=pl.Enum(["z", "y", "x"])),
            "list": [[1], None, []],
            "categories": pl.Series([["a"], None, ["b", "a"]], dtype=pl.List(pl.Categorical)),
            "array": pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int64, 2)),
            "struct": [{"a": 1, "b": [1]}, {"a": None, "b": None}, {"a": 3, "b": []}],
            "decimal": pl.Series([Decimal("1.5"), None, None], dtype=pl.Decimal(10, 2)),
            "null": [None, None, None],
            "bool": [True, None, False],
        }
    )
    save("t", frame)
    assert_polars_equal(lake.read("t", as_="polars"), frame)
    save("t", frame.clear())
    assert_polars_equal(lake.read("t", as_="polars"), frame.clear())
    save("t", frame.lazy())
    assert_polars_equal(lake.read("t", as_="polars"), frame)


ARROW = {
    "large_string": pa.array(["a", None], pa.large_string()),
    "string_view": pa.array(["a", None], pa.string_view()),
    "large_binary": pa.array([b"a", None], pa.large_binary()),
    "binary_view": pa.array([b"a", None], pa.binary_view()),
    "fixed binary": pa.array([b"abcd", None], pa.binary(4)),
    "date64": pa.array([dt.date(2013, 1, 1), None], pa.date64()),
    "time32 s": pa.array([dt.time(1, 2, 3), None], pa.time32("s")),
    "time32 ms": pa.array([dt.time(1, 2, 3), None], pa.time32("ms")),
    "timestamp ms": pa.array([NOON.replace(microsecond=0), None], pa.timestamp("ms")),
    "timestamp offset": pa.array([NOON, None], pa.timestamp("us", "+02:00")),
    "duration ms": pa.array([dt.timedelta(1), None], pa.duration("ms")),
    "decimal256": pa.array([Decimal("1.50"), None], pa.decimal256(20, 2)),
    "decimal32": pa.array([Decimal("1.50"), None], pa.decimal32(5, 2)),
    "dictionary": pa.array(["b", "a"]).dictionary_encode(),
    "dictionary of large strings": pa.array(["b", None], pa.large_string()).dictionary_encode(),
    "large list": pa.array([[1], None], pa.large_list(pa.uint8())),
    "fixed list": pa.array([[1, 2], None], pa.list_(pa.uint16(), 2)),
    "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.uint8())),
    "struct": pa.array([{"a": dt.timedelta(1)}, None], pa.struct([("a", pa.duration("us"))])),
    "nested nulls": pa.array([[None], None], pa.list_(pa.null())),
    "nested dictionary": pa.array(
        [{"a": [1]}, None], pa.struct([("a", pa.list_(pa.dictionary("int8", "int64")))])
    ),
    "null": pa.nulls(2),
    "category of nothing": pa.DictionaryArray.from_arrays(pa.nulls(1, pa.int8()), pa.nulls(0)),
    "repeated categories": pa.DictionaryArray.from_arrays([0, 1, 2, 3], pa.array(["a", "b", "a", None])),
    "views": pa.array(
        [{"a": "x", "b": [b"y"]}], pa.struct([("a", pa.string_view()), ("b", pa.list_(pa.binary_view()))])
    ),
    "arrays in null structs": pa.array([None, {"a": [1]}], pa.struct([("a", pa.list_(pa.int8(), 1))])),
    "nested categories and nulls": pa.array(
        [None, {"a": ["x"], "b": None}],
        pa.struct([("a", pa.large_list(pa.dictionary("uint32", "string"))), ("b", pa.null())]),
    ),
}


@pytest.mark.parametrize("kind", ARROW)
def test_arrow_column_comes_back_as_it_was(save: Save, lake: Lake, kind: str) -> None:
    table = pa.table({kind: ARROW[kind]})
    save("t", table)
    back = lake.read("t", as_="arrow")
    assert back.schema.equals(table.schema)
    assert back.to_pydict() == table.to_pydict()


def test_arrow_metadata_of_a_field_is_kept(save: Save, lake: Lake) -> None:
    table = pa.table([pa.array([1])], schema=pa.schema([pa.field("a", pa.int64(), False, {"unit": "min"})]))
    save("t", table)
    assert lake.read("t", as_="arrow").schema.equals(table.schema, check_metadata=True)


def test_chunks_of_several_dictionaries_are_one_category_column(save: Save, lake: Lake) -> None:
    chunks = [pa.array(["b", "a"]).dictionary_encode(), pa.array(["c", None, "a"]).dictionary_encode()]
    save("t", pa.table({"c": pa.chunked_array(chunks)}))
    back = lake.read("t")["c"]
    assert back.tolist()[:3] == ["b", "a", "c"]
    assert list(back.cat.categories) == ["b", "a", "c"]


def test_what_another_library_does_not_know_is_given_as_near_as_it_can_be(save: Save, lake: Lake) -> None:
    offset = pa.array([NOON], pa.timestamp("us", "+02:00"))
    save("t", pa.table({"offset": offset, "decimal": pa.array([Decimal("1.50")], pa.decimal256(20, 2))}))
    frame = lake.read("t", as_="polars")
    assert frame.dtypes == [pl.Datetime("us", "UTC"), pl.Decimal(20, 2)]
    assert frame.rows() == [(NOON.replace(tzinfo=dt.UTC), Decimal("1.50"))]


def test_a_type_without_a_form_in_the_library_is_said(save: Save, lake: Lake) -> None:
    save("t", pa.table({"c": pa.array([[b"ab"]], pa.list_(pa.binary(2)))}))
    with pytest.raises(LakeError, match=r"no form in pandas: .*fixed_size_binary.*Read it as 'arrow'"):
        lake.read("t")


def test_classes_made_from_a_frame_are_frames(save: Save, lake: Lake) -> None:
    class Frame(pd.DataFrame):
        pass

    save("t", Frame({"a": pd.array([1, None], "Int64")}, index=pd.Index(["x", "y"], name="k")))
    pd.testing.assert_frame_equal(
        lake.read("t"),
        pd.DataFrame({"a": pd.array([1, None], "Int64")}, index=pd.Index(["x", "y"], name="k")),
    )


@pytest.mark.parametrize("form", ["reader", "batch", "relation"])
def test_other_sources_are_tables_too(save: Save, lake: Lake, form: str) -> None:
    import duckdb

    table = pa.table({"a": [1, 2], "b": ["x", None]})
    source = {
        "reader": lambda: table.to_reader(max_chunksize=1),
        "batch": lambda: table.to_batches()[0],
        "relation": lambda: duckdb.connect().from_arrow(table),
    }[form]()
    save("t", source)
    assert lake.read("t", as_="arrow").to_pydict() == table.to_pydict()


def test_frame_passes_between_libraries(save: Save, lake: Lake) -> None:
    save(
        "t",
        pd.DataFrame({"c": pd.Categorical(["b", "a"], ["c", "b", "a"]), "n": pd.array([1, None], "Int64")}),
    )
    frame = lake.read("t", as_="polars")
    assert frame["c"].to_list() == ["b", "a"]
    assert frame["n"].to_list() == [1, None]
    assert lake.read("t", as_="relation").fetchall() == [("b", 1), ("a", None)]


def test_more_rows_than_a_row_group(save: Save, lake: Lake) -> None:
    rows = 300_000
    frame = pd.DataFrame(
        {"a": np.arange(rows), "c": pd.Categorical.from_codes(np.arange(rows) % 3, list("xyz"))}
    )
    save("t", frame)
    pd.testing.assert_frame_equal(lake.read("t"), frame)


def test_equal_content_has_equal_bytes_however_it_is_chunked(lake: Lake) -> None:
    rows = pa.table({"a": list(range(1000)), "c": pa.array(list("ab") * 500).dictionary_encode()})
    chunked = pa.concat_tables([rows.slice(0, 10), rows.slice(10, 500), rows.slice(510)])
    staged = [lake.stage("t", data, group="g", run_id="run") for data in (rows, chunked, rows.to_reader())]
    assert len({each.data_version for each in staged}) == 1


def test_other_types_of_equal_values_are_another_version(lake: Lake) -> None:
    plain = lake.stage("t", pd.DataFrame({"a": [1, 2]}), group="g", run_id="run")
    nullable = lake.stage("t", pd.DataFrame({"a": pd.array([1, 2], "Int64")}), group="g", run_id="run")
    assert plain.data_version != nullable.data_version


columns = st.one_of(
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda values: pd.array(values, dtype="Int64")
    ),
    st.lists(st.floats(width=64), min_size=3, max_size=3).map(np.array),
    st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=3, max_size=3).map(
        lambda values: pd.array(values, dtype="string")
    ),
    st.lists(st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)), min_size=3, max_size=3).map(
        lambda values: pd.to_datetime(values).tz_localize("UTC")
    ),
    st.lists(st.none() | st.sampled_from("abc"), min_size=3, max_size=3).map(
        lambda values: pd.Categorical(values, categories=list("cbad"))
    ),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.text("abcXY é漢", min_size=1, max_size=5), columns, min_size=1, max_size=4))
def test_any_frame_comes_back(tmp_path: Path, data: dict[str, Any]) -> None:
    folded = {name.casefold(): (name, values) for name, values in data.items()}
    frame = pd.DataFrame(dict(folded.values()))
    lake = Lake(tmp_path)
    lake.publish([lake.stage("t", frame, group="g", run_id="run")], stamp={})
    pd.testing.assert_frame_equal(lake.read("t"), frame)
