from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from assetbook.session.frames import at_rest, preview, size

COLUMNS = {
    "origin": ["EWR", None, "L|A"],
    "day": [date(2013, 1, n) for n in (1, 2, 3)],
    "delay": [1.5, 2.0, 1 / 3],
}
LIBRARIES: list[Callable[[dict[str, Any]], Any]] = [
    pd.DataFrame,
    pl.DataFrame,
    pa.table,
    lambda columns: at_rest(duckdb.from_arrow(pa.table(columns))),
    lambda columns: at_rest(pl.LazyFrame(columns)),
    lambda columns: at_rest(pa.table(columns).to_reader()),
    lambda columns: pa.RecordBatch.from_pydict(columns),
]


@pytest.mark.parametrize("make", LIBRARIES)
def test_a_preview_is_the_first_rows_as_json_has_them(make: Callable[[dict[str, Any]], Any]) -> None:
    assert preview(make(COLUMNS), rows=2) == [
        {"origin": "EWR", "day": "2013-01-01", "delay": 1.5},
        {"origin": None, "day": "2013-01-02", "delay": 2.0},
    ]


def test_nobody_sees_the_values_of_hidden_columns() -> None:
    assert preview(pd.DataFrame({"a": [1], "name": ["x"]}), hidden={"name"}) == [{"a": 1, "name": "•••"}]


def test_what_is_missing_or_no_number_of_json_can_be_shown() -> None:
    times = pd.to_datetime(["2013-01-01 10:00", None])
    frame = pd.DataFrame(
        {"t": times, "x": [float("nan"), float("inf")], "n": pd.array([1, None], dtype="Int64")}
    )
    assert preview(frame) == [
        {"t": "2013-01-01 10:00:00", "x": None, "n": 1},
        {"t": None, "x": "inf", "n": None},
    ]


@pytest.mark.parametrize("make", LIBRARIES)
def test_size_counts_rows_and_columns(make: Callable[[dict[str, Any]], Any]) -> None:
    assert size(make(COLUMNS)) == "3 rows × 3 columns"
    assert size(make({"a": [1]})) == "1 row × 1 column"


def test_thousands_are_separated() -> None:
    assert size(pd.DataFrame({"a": range(80789)})) == "80,789 rows × 1 column"


def test_long_cells_are_cut_and_lines_joined() -> None:
    assert preview(pd.DataFrame({"a": ["x" * 100, "b|c\nd"]})) == [{"a": "x" * 39 + "…"}, {"a": "b|c d"}]


def test_of_very_many_columns_the_first_are_shown() -> None:
    [row] = preview(pd.DataFrame({f"c{n}": [n] for n in range(33)}))
    assert list(row) == [f"c{n}" for n in range(30)]


def test_an_empty_table_has_no_rows_to_show() -> None:
    assert preview(pd.DataFrame({"a": []})) == []


def test_a_named_index_is_shown_as_a_column() -> None:
    frame = pd.DataFrame({"a": [1]}, index=pd.Index(["EWR"], name="origin"))
    assert preview(frame) == [{"origin": "EWR", "a": 1}]


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"a": [1]}),
        pl.DataFrame({"a": [1]}),
        pa.table({"a": [1]}),
        pl.Series([1]),
        pa.chunked_array([[1]]),
        {"a": 1},
        None,
    ],
)
def test_what_is_at_rest_or_no_table_stays_as_it_is(data: Any) -> None:
    assert at_rest(data) is data


@pytest.mark.parametrize(("name", "column"), [("sales", "sales"), (None, "value")])
def test_a_series_is_a_table_of_one_column(name, column):
    series = pd.Series([1.5, 2.5], index=pd.Index(["a", "b"], name="city"), name=name)
    table = at_rest(series)
    assert list(table.columns) == [column]
    assert table.index.name == "city"
