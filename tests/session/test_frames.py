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
def test_a_preview_is_the_first_rows_in_markdown(make: Callable[[dict[str, Any]], Any]) -> None:
    assert preview(make(COLUMNS), rows=2).splitlines() == [
        "| origin | day | delay |",
        "| --- | --- | --- |",
        "| EWR | 2013-01-01 | 1.5 |",
        "|  | 2013-01-02 | 2 |",
    ]


@pytest.mark.parametrize("make", LIBRARIES)
def test_size_counts_rows_and_columns(make: Callable[[dict[str, Any]], Any]) -> None:
    assert size(make(COLUMNS)) == "3 rows × 3 columns"
    assert size(make({"a": [1]})) == "1 row × 1 column"


def test_thousands_are_separated() -> None:
    assert size(pd.DataFrame({"a": range(80789)})) == "80,789 rows × 1 column"


def test_long_cells_are_cut_and_bars_escaped() -> None:
    text = preview(pd.DataFrame({"a": ["x" * 100, "b|c\nd"]}))
    assert "| " + "x" * 39 + "… |" in text
    assert "| b\\|c d |" in text


def test_surplus_columns_are_counted() -> None:
    text = preview(pd.DataFrame({f"c{n}": [n] for n in range(33)}))
    assert "c29" in text
    assert "c30" not in text
    assert text.endswith("… and 3 more columns")


def test_an_empty_table_shows_its_header() -> None:
    assert preview(pd.DataFrame({"a": []})) == "| a |\n| --- |"


def test_a_named_index_is_shown_as_a_column() -> None:
    frame = pd.DataFrame({"a": [1]}, index=pd.Index(["EWR"], name="origin"))
    assert preview(frame).splitlines()[0] == "| origin | a |"


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
