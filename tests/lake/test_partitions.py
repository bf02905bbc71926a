"""A partition overwrites itself alone; all partitions are one table of one schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from assetbook.errors import LakeError
from assetbook.lake import Lake, TableVersion

Save = Callable[..., TableVersion]


def test_a_partition_overwrites_only_itself(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"a": [1, 2]}), partition="2013-02")
    save("t", pd.DataFrame({"a": [0]}), partition="2013-01")
    now = save("t", pd.DataFrame({"a": [7, 8, 9]}), partition="2013-02")
    assert lake.read("t")["a"].tolist() == [0, 7, 8, 9]
    assert (now.rows, now.version, list(now.partitions)) == (4, 2, ["2013-01", "2013-02"])
    assert lake.read("t@1")["a"].tolist() == [0, 1, 2]


def test_some_partitions_can_be_read(save: Save, lake: Lake) -> None:
    for key in ("a", "b", "c"):
        save("t", pd.DataFrame({"k": [key]}), partition=key)
    assert lake.read("t", partition="b")["k"].tolist() == ["b"]
    assert lake.read("t", partition=["c", "a", "c"])["k"].tolist() == ["c", "a"]
    assert lake.read("t", partition=[])["k"].tolist() == []


@pytest.mark.parametrize(
    "key", ["a/b", "2013-01-01-00:00", "ü 漢", "it's", "100%", "a=b", '"', "a|b", "..", "a%2Fb", "[a]*?"]
)
def test_any_text_is_a_key(save: Save, lake: Lake, key: str) -> None:
    save("t", pd.DataFrame({"a": [0]}), partition="other")
    save("t", pd.DataFrame({"a": [1]}), partition=key)
    save("t", pd.DataFrame({"a": [2]}), partition=key)
    assert lake.read("t", partition=key)["a"].tolist() == [2]
    assert sorted(lake.read("t")["a"]) == [0, 2]
    assert lake.query("select sum(a) from t").fetchall() == [(2,)]
    keys = {"_partition": [key, "other"], "a": [2, 0]}  # as other tools see them
    for other in (
        pl.read_delta(lake.version("t").uri),
        pl.DataFrame(DeltaTable(lake.version("t").uri).to_pandas()),
    ):
        assert other.sort("a", descending=True).select(sorted(keys)).to_dict(as_series=False) == keys


def test_a_key_that_is_too_long_for_a_folder_is_refused(save: Save) -> None:
    with pytest.raises(LakeError, match="is too long to name a folder"):
        save("t", pd.DataFrame({"a": [0]}), partition="ü" * 100)


def test_the_hidden_column_is_never_loaded(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"a": [1]}), partition="x")
    assert list(lake.read("t")) == ["a"]
    assert lake.query("select * from t").columns == ["a"]


def test_the_data_version_follows_the_partitions(save: Save) -> None:
    first = save("t", pd.DataFrame({"a": [1]}), partition="x")
    second = save("t", pd.DataFrame({"a": [2]}), partition="y")
    assert second.partitions["x"] == first.partitions["x"]
    assert second.data_version != first.data_version
    save("t", pd.DataFrame({"a": [3]}), partition="y")
    assert save("t", pd.DataFrame({"a": [2]}), partition="y").data_version == second.data_version


def test_a_new_column_is_null_in_the_other_partitions(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"a": [1]}), partition="x")
    save("t", pd.DataFrame({"a": [2], "b": ["new"]}), partition="y")
    frame = lake.read("t", as_="polars")
    assert frame.to_dict(as_series=False) == {"a": [1, 2], "b": [None, "new"]}
    assert lake.query("select b from t order by a").fetchall() == [(None,), ("new",)]
    assert DeltaTable(lake.version("t").uri).to_pandas()["b"].isna().sum() == 1


WIDENING: dict[str, tuple[Any, Any, list[Any], pa.DataType]] = {
    "null then text": (pa.nulls(1), pa.array(["a"]), [None, "a"], pa.string()),
    "text then null": (pa.array(["a"]), pa.nulls(1), ["a", None], pa.string()),
    "null then int": (pa.nulls(1), pa.array([1]), [None, 1], pa.int64()),
    "int then null": (pa.array([1]), pa.nulls(1), [1, None], pa.int64()),
    "int then float": (pa.array([1]), pa.array([1.5]), [1, 1.5], pa.float64()),
    "float then int": (pa.array([1.5]), pa.array([1]), [1.5, 1], pa.float64()),
    "small then large int": (pa.array([1], "int8"), pa.array([300], "int16"), [1, 300], pa.int16()),
    "large text": (pa.array(["a"]), pa.array(["b"], pa.large_string()), ["a", "b"], pa.large_string()),
    "empty lists": (pa.array([[]]), pa.array([[1]]), [[], [1]], pa.list_(pa.int64())),
    "null then list": (pa.nulls(1), pa.array([[1]]), [None, [1]], pa.list_(pa.int64())),
    "null then time zone": (
        pa.nulls(1),
        pa.array([0], pa.timestamp("us", "Europe/Berlin")),
        [None, 0],
        pa.timestamp("us", "Europe/Berlin"),
    ),
}


@pytest.mark.parametrize("kind", WIDENING)
def test_types_widen_over_partitions(save: Save, lake: Lake, kind: str) -> None:
    first, second, values, type_ = WIDENING[kind]
    save("t", pa.table({"c": first}), partition="x")
    save("t", pa.table({"c": second}), partition="y")
    back = lake.read("t", as_="arrow")
    assert back.schema.field("c").type == type_
    assert back["c"].combine_chunks().equals(pa.array(values, type_))
    assert lake.read("t", partition="x", as_="arrow").schema == back.schema
    delta = DeltaTable(lake.version("t").uri).to_pyarrow_table()  # what other tools see agrees
    assert len(delta) == 2
    assert lake.query("select c from t").fetchall() == lake.read("t", as_="relation").fetchall()


def test_a_month_with_gaps_makes_its_numbers_floats_everywhere(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"delay": [1, 2]}), partition="2013-01")
    save("t", pd.DataFrame({"delay": [1, np.nan]}), partition="2013-02")
    pd.testing.assert_series_equal(lake.read("t")["delay"], pd.Series([1, 2, 1, np.nan], name="delay"))


def test_publishing_a_widened_partition_again_changes_nothing(save: Save) -> None:
    first = save("t", pd.DataFrame({"a": [1]}), partition="x")
    widened = save("t", pd.DataFrame({"a": [1.5]}), partition="y")
    again = save("t", pd.DataFrame({"a": [1]}), partition="x")
    assert again.version == widened.version
    assert again.partitions["x"] == first.partitions["x"]


def test_ints_that_floats_cannot_hold_are_refused(save: Save, lake: Lake) -> None:
    before = save("t", pd.DataFrame({"a": [2**60 + 1]}), partition="x")
    with pytest.raises(LakeError, match="column 'a': int64 cannot be stored as double without loss"):
        save("t", pd.DataFrame({"a": [1.5]}), partition="y")
    assert lake.version("t") == before


def test_categories_of_partitions_are_united(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"c": pd.Categorical(["b"], ["b", "z"])}), partition="x")
    save("t", pd.DataFrame({"c": pd.Categorical(["a"], ["a", "b"])}), partition="y")
    back = lake.read("t")["c"]
    assert back.tolist() == ["b", "a"]
    assert list(back.cat.categories) == ["b", "z", "a"]


def test_many_categories_need_wider_codes(save: Save, lake: Lake) -> None:
    for key in ("a", "b"):
        save("t", pd.DataFrame({"c": pd.Categorical([f"{key}{i}" for i in range(100)])}), partition=key)
    assert lake.read("t")["c"].nunique() == 200


def test_pandas_dtypes_hold_over_partitions(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"a": pd.array([1], "Int64"), "b": pd.array(["x"], "string")}), partition="x")
    save("t", pd.DataFrame({"a": [2], "b": [None]}), partition="y")
    save("t", pd.DataFrame({"a": pd.array([None], "Int64"), "b": pd.array(["y"], "string")}), partition="z")
    assert lake.read("t").dtypes.astype(str).to_dict() == {"a": "Int64", "b": "string"}


def objects(*values: Any) -> pd.DataFrame:
    return pd.DataFrame({"c": pd.Series(values, dtype=object)})


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (objects(1), objects(2, np.nan), [1, 2, np.nan]),
        (objects(1, np.nan), objects(2, pd.NA), [1, None, 2, None]),
        (objects("a"), objects("b", pd.NA), ["a", "b", pd.NA]),
        (objects([1], None), objects([2], np.nan), [[1], np.nan, [2], np.nan]),
    ],
)
def test_objects_hold_over_partitions(
    save: Save, lake: Lake, first: pd.DataFrame, second: pd.DataFrame, expected: list[Any]
) -> None:
    save("t", first, partition="x")
    save("t", second, partition="y")
    back = lake.read("t")["c"]
    assert back.dtype == object
    assert list(map(repr, back)) == list(map(repr, expected))


def test_categories_keep_their_dtype_over_partitions(save: Save, lake: Lake) -> None:
    for key in ("x", "y"):
        values = pd.array([f"{key}{i}" for i in range(100)], dtype="string")
        save("t", pd.DataFrame({"c": pd.Categorical(values)}), partition=key)
    assert lake.read("t")["c"].cat.categories.dtype == "string"


def test_one_index_for_all_partitions_is_kept(save: Save, lake: Lake) -> None:
    for key in ("x", "y"):
        save("t", pd.DataFrame({"a": [1]}, index=pd.Index([key], name="k")), partition=key)
    assert lake.read("t").index.tolist() == ["x", "y"]
    save("t", pd.DataFrame({"k": ["z"], "a": [1]}), partition="z")
    assert lake.read("t")["k"].tolist() == ["x", "y", "z"]


REFUSED = {
    "missing": ({"a": [1], "b": [1]}, {"a": [1]}, "column 'b' is missing.*Found: a"),
    "retyped": ({"a": [1]}, {"a": ["x"]}, "Found string, expected int64"),
    "bytes": ({"a": ["x"]}, {"a": [b"x"]}, "Found binary, expected string"),
    "zone": (
        {"a": pd.to_datetime(["2020"]).tz_localize("UTC")},
        {"a": pd.to_datetime(["2020"])},
        r"Found timestamp\[ns\], expected timestamp\[ns, tz=UTC\]",
    ),
    "other zone": (
        {"a": pd.to_datetime(["2020"]).tz_localize("UTC")},
        {"a": pd.to_datetime(["2020"]).tz_localize("Europe/Berlin")},
        "does not go with",
    ),
    "order": (
        {"a": pd.Categorical(["x"], ["x", "y"], ordered=True)},
        {"a": pd.Categorical(["x"], ["y", "x"], ordered=True)},
        "ordered categories",
    ),
    "category": ({"a": pd.Categorical(["x"])}, {"a": ["x"]}, "Found string, expected categories of string"),
    "case": ({"a": [1]}, {"a": [1], "A": [1]}, "differ only in case"),
    "new case": ({"a": [1], "b": [1]}, {"b": [1], "a": [1], "B": [1]}, "differ only in case"),
    "bool": ({"a": [1]}, {"a": [True]}, "Found bool, expected int64"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_partition_that_does_not_go_with_the_others_is_refused(save: Save, lake: Lake, kind: str) -> None:
    first, second, message = REFUSED[kind]
    before = save("t", pd.DataFrame(first), partition="x")
    with pytest.raises(LakeError, match=message):
        save("t", pd.DataFrame(second), partition="y")
    assert lake.version("t") == before


def test_changed_code_may_drop_a_column_and_the_last_partition_takes_it_along(lake: Lake) -> None:
    def save(key: str, columns: list[str], code: str) -> None:
        frame = pd.DataFrame({name: [1] for name in columns})
        staged = lake.stage("t", frame, group="g", run_id="run", partition=key)
        lake.publish([staged], stamp={"run_id": "run", "code_version": code})

    for key in ("x", "y"):
        save(key, ["a", "b"], code="old")

    save("x", ["a"], code="new")
    assert lake.read("t")["b"].isna().tolist() == [True, False]
    with pytest.raises(LakeError, match="column 'b' is missing"):
        save("z", ["a"], code="old")
    save("y", ["a"], code="new")

    assert list(lake.read("t").columns) == ["a"]
    assert lake.read("t").a.tolist() == [1, 1]


def test_the_only_partition_may_change_its_schema(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"a": [1], "b": [2]}), partition="x")
    save("t", pd.DataFrame({"a": ["text"]}), partition="x")
    assert lake.read("t")["a"].tolist() == ["text"]


def test_a_table_changes_between_partitioned_and_not(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"a": [1], "at": pd.to_datetime(["2020"])}))
    save("t", pd.DataFrame({"a": ["x"]}), partition="k")
    assert lake.read("t")["a"].tolist() == ["x"]
    whole = save("t", pl.DataFrame({"b": [1.5]}))
    assert lake.read("t").to_dict("list") == {"b": [1.5]}
    assert whole.partitions == {}
    assert lake.read("t@0")["a"].tolist() == [1]


def test_unknown_partitions_name_the_known(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"a": [1]}), partition="2013-01")
    with pytest.raises(LakeError, match=r"no partition '2013-1'\. Did you mean '2013-01'"):
        lake.read("t", partition="2013-1")
    save("u", pd.DataFrame({"a": [1]}))
    with pytest.raises(LakeError, match="'u' is not partitioned"):
        lake.read("u", partition="2013-01")
