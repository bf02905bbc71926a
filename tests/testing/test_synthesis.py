"""Rows made from schemas: they meet them, are the same each time, and what cannot be made is said."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pandera.polars as pp
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetbook.errors import SchemaError
from assetbook.schema import validate
from assetbook.testing.patterns import UnknownPatternError, matching
from assetbook.testing.synthesis import rows_from
from assetbook.testing.values import NotMadeError

PERIOD = (datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC))
EVERY = pa.DataFrameSchema(
    {
        "id": pa.Column(int, unique=True),
        "code": pa.Column(str, pa.Check.str_matches(r"^[A-Z]{2}-\d{3}$"), unique=True),
        "share": pa.Column(float, pa.Check.in_range(0, 1, include_max=False)),
        "grade": pa.Column("Int8", [pa.Check.gt(0), pa.Check.lt(4)], nullable=True),
        "kind": pa.Column(str, pa.Check.isin(["a", "b"])),
        "level": pa.Column(pd.CategoricalDtype(["low", "high"], ordered=True)),
        "flag": pa.Column("boolean", nullable=True),
        "at": pa.Column(pd.DatetimeTZDtype("us", "UTC")),
        "local": pa.Column("datetime64[ns]", pa.Check.ge(pd.Timestamp("2030-01-01"))),
        "took": pa.Column("timedelta64[ns]"),
        "name": pa.Column(str, pa.Check.str_length(3, 6), nullable=True),
        "even": pa.Column(int, pa.Check(lambda s: s % 2 == 0)),
        "word": pa.Column("string", pa.Check.str_startswith("x")),
        "one": pa.Column(int, pa.Check.eq(7)),
        "m_.+": pa.Column(float, regex=True),
        "anything": pa.Column(None),
    },
    checks=pa.Check(lambda df: df["id"] > df["grade"].fillna(0).astype(int), error="id above grade"),
    unique=["kind", "id"],
)


def test_every_kind_of_column():
    frame = rows_from(EVERY, name="every", rows=200, period=PERIOD)
    assert validate(frame, EVERY, name="every").failures is None
    assert len(frame) == 200
    assert frame["grade"].isna().any()
    assert frame["at"].between(*PERIOD).all()
    assert (frame["local"] >= "2030-01-01").all()
    assert frame["name"].dropna().str.len().between(3, 6).all()
    assert sum(column.startswith("m_") for column in frame.columns) == 2


def test_rows_are_the_same_each_time_and_others_with_another_seed():
    one, other = (rows_from(EVERY, name="every", rows=50) for _ in range(2))
    assert one.equals(other)
    assert not one.equals(rows_from(EVERY, name="every", rows=50, seed=1))


def test_columns_of_one_name_can_be_joined():
    left = pa.DataFrameSchema({"who": pa.Column(str, unique=True), "n": pa.Column(int)})
    right = pa.DataFrameSchema({"who": pa.Column(str)})
    people, visits = rows_from(left, name="people", rows=100), rows_from(right, name="visits", rows=100)
    assert visits["who"].isin(people["who"]).all()


def test_a_check_over_columns_that_few_rows_pass():
    schema = pa.DataFrameSchema(
        {"a": pa.Column(int, pa.Check.in_range(0, 49)), "b": pa.Column(int, pa.Check.in_range(0, 49))},
        checks=pa.Check(lambda df: df["a"] == df["b"]),
    )
    frame = rows_from(schema, name="equal", rows=300)
    assert len(frame) == 300
    assert (frame["a"] == frame["b"]).all()


def test_fewer_rows_where_there_cannot_be_more():
    schema = pa.DataFrameSchema({"code": pa.Column(str, pa.Check.str_matches("^[ab]{2}$"), unique=True)})
    assert sorted(rows_from(schema, name="codes", rows=100)["code"]) == ["aa", "ab", "ba", "bb"]


def test_a_named_index_and_a_model_class():
    class Model(pa.DataFrameModel):
        key: pa.typing.Index[str] = pa.Field(unique=True, check_name=True)
        n: pa.typing.Series[np.int32] = pa.Field(ge=5, coerce=True)

    frame = rows_from(Model, name="model", rows=10)
    assert frame.index.name == "key"
    assert str(frame["n"].dtype) == "int32"


def test_a_schema_for_polars():
    class Model(pp.DataFrameModel):
        n: int = pp.Field(ge=1, unique=True)
        at: pl.Datetime("us", "UTC")
        kind: str = pp.Field(isin=["a"], nullable=True)

    frame = rows_from(Model, name="model", rows=40)
    assert isinstance(frame, pl.DataFrame)
    assert frame.height == 40
    assert validate(frame, Model, name="model").failures is None


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.Column(complex), "column 'x' is of the type complex128, of which no values are made"),
        (
            pa.Column(str, pa.Check.str_matches("(?=a)b")),
            "must match '(?=a)b', and no texts are made for assert",
        ),
        (pa.Column(int, pa.Check(lambda s: s > 1_000_000, error="huge")), "few rows pass the check 'huge'"),
        (pa.Column(int, [pa.Check.gt(3), pa.Check.lt(3)]), "column 'x' allows no number"),
        (
            pa.Column(float, pa.Check(lambda s: s.mean() > 1e9, error="mean")),
            "do not meet the check 'mean' of x",
        ),
    ],
)
def test_what_cannot_be_made_is_said(column, message):
    with pytest.raises(NotMadeError, match=re.escape(message)):
        rows_from(pa.DataFrameSchema({"x": column}), name="x", rows=20)


def test_what_is_no_schema_is_refused():
    with pytest.raises(SchemaError, match="Found the class int as schema"):
        rows_from(int, name="x", rows=1)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [r"^\d{3}-[a-f]+$", r"(ab|cd)?x*", r"[^a-z]{2,}", r"(\w)\1", r"^.{3}$", r"a{2}?b", r"\S\s\W"]
    ),
    st.text(max_size=5),
)
def test_texts_match_their_pattern(pattern, seed):
    texts = matching(pattern, most=20, seed=seed)
    assert texts
    assert len(set(texts)) == len(texts)
    assert all(re.match(pattern, text) for text in texts)
    assert texts == matching(pattern, most=20, seed=seed)


def test_a_pattern_that_is_not_understood():
    with pytest.raises(UnknownPatternError, match="assert not"):
        matching("(?!a)b", most=1, seed="")


@pytest.mark.parametrize("table", ["flights", "weather", "planes", "airlines", "airports"])
def test_the_schemas_of_the_flights_workspace(table):
    import importlib

    schema = getattr(importlib.import_module(f"assets.{table}"), table.title())
    assert len(rows_from(schema, name=table, rows=300)) == 300
