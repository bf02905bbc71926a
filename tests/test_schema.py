"""Tables held against pandera schemas."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pandera.polars as pap
import polars as pl
import pyarrow
import pytest

from assetbook.errors import LakeError, SchemaError
from assetbook.schema import column_schema, validate


class Flights(pa.DataFrameModel):
    """Flights of one month."""

    delay: float = pa.Field(ge=0, description="minutes")
    origin: str = pa.Field(isin=["EWR", "JFK"], nullable=True)

    class Config:
        strict = True
        coerce = True


class PolarsFlights(pap.DataFrameModel):
    delay: float = pap.Field(ge=0, description="minutes")
    origin: str = pap.Field(isin=["EWR", "JFK"], nullable=True)

    class Config:
        strict = True
        coerce = True


GOOD = {"delay": [1, 2], "origin": ["EWR", None]}
BAD = {"delay": [-1, 2, -3], "origin": ["EWR", "LGA", None]}
SCHEMAS = [Flights, PolarsFlights, Flights.to_schema(), PolarsFlights.to_schema()]
FRAMES = [pd.DataFrame, pl.DataFrame]


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("library", FRAMES)
def test_the_coerced_table_is_kept_in_its_library(schema: Any, library: type) -> None:
    result = validate(library(GOOD), schema, name="flights")
    assert type(result.frame) is library
    assert result.frame["delay"].to_list() == [1.0, 2.0]
    assert str(result.frame["delay"].dtype).lower() == "float64"
    assert result.failures is None
    assert result.summary.startswith("Table 'flights' meets")
    assert result.summary.endswith("2 rows, 2 columns.")


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("library", FRAMES)
def test_each_failing_case_is_reported(schema: Any, library: type) -> None:
    frame = library(BAD)
    result = validate(frame, schema, name="flights")
    assert result.frame is frame
    assert result.failures is not None
    cases = result.failures.sort_values(["column", "row"]).to_dict("records")
    assert [(case["column"], case["row"]) for case in cases] == [("delay", 0), ("delay", 2), ("origin", 1)]
    assert cases[0]["check"] == "greater_than_or_equal_to(0)"
    assert cases[2]["value"] == "LGA"
    json.dumps(cases)  # they travel as events
    assert "does not meet" in result.summary
    assert "3 failing cases" in result.summary
    assert "- origin: isin(['EWR', 'JFK']), found 'LGA' in row 1" in result.summary


def test_arrow_tables_and_relations_become_pandas() -> None:
    import duckdb

    table = pyarrow.table(GOOD)
    for frame in (table, duckdb.connect().from_arrow(table)):
        result = validate(frame, Flights, name="flights")
        assert isinstance(result.frame, pd.DataFrame)
        assert result.failures is None


@pytest.mark.parametrize("schema", [Flights, PolarsFlights])
@pytest.mark.parametrize("library", FRAMES)
def test_missing_and_unknown_columns_are_named(schema: Any, library: type) -> None:
    missing = validate(library({"delay": [1.0]}), schema, name="flights").failures
    assert missing is not None
    assert missing[["column", "check"]].to_dict("records") == [
        {"column": "origin", "check": "column is there"}
    ]
    unknown = validate(library({**GOOD, "extra": [1, 2]}), schema, name="flights").failures
    assert unknown is not None
    assert {"column": "extra", "check": "column is in the schema"} in unknown[["column", "check"]].to_dict(
        "records"
    )


@pytest.mark.parametrize("schema", [Flights, PolarsFlights])
def test_values_that_cannot_be_coerced_are_reported(schema: Any) -> None:
    library = pd.DataFrame if schema is Flights else pl.DataFrame
    result = validate(library({"delay": ["1", "late"], "origin": ["EWR", "JFK"]}), schema, name="flights")
    assert result.failures is not None
    assert "late" in result.failures["value"].tolist()
    assert 1 in result.failures["row"].tolist()


NAN = float("nan")
LARGE = 2**53 + 1  # the first whole number that float64 cannot hold


@pytest.mark.parametrize(
    ("module", "values", "wanted", "rows"),
    [
        (pa, [2.0, 1.5], int, [1]),
        (pa, [1e20], int, [0]),
        (pa, [True, False], int, [0, 1]),
        (pa, ["3", True], int, [1]),  # text that was read from a file, and what a program put beside it
        (pa, [Decimal(2), Decimal("1.5")], int, [1]),
        (pa, [LARGE], float, [0]),
        (pa, [1e300, 1.1, NAN, float("inf")], "float32", [0]),
        (pa, ["1e300"], "float32", [0]),
        (pa, [0, 1, 2], bool, [2]),
        (pa, [1.0, NAN], bool, [1]),
        (pa, ["True", "no"], bool, [1]),
        (pa, [datetime(2020, 1, 1), datetime(2020, 1, 1, 5)], pa.Date, [1]),
        (pap, [2.0, 2.7, None], pl.Int64, [1]),
        (pap, [True], pl.Int64, [0]),
        (pap, [LARGE], pl.Float64, [0]),
        (pap, [1e300, 1.1, NAN], pl.Float32, [0]),
        (pap, ["1e300", "inf"], pl.Float32, [0]),
        (pap, [0.0, 2.0, NAN], pl.Boolean, [1, 2]),
        (pap, [datetime(2020, 1, 1), datetime(2020, 1, 1, 5)], pl.Date, [1]),
        (pap, [datetime(2020, 1, 1, 0, 0, 0, 123)], pl.Datetime("ms"), [0]),
    ],
)
def test_a_value_that_the_coercion_would_change_is_a_failing_case(
    module: Any, values: list[Any], wanted: Any, rows: list[int]
) -> None:
    frame = (pd if module is pa else pl).DataFrame({"a": values})
    schema = module.DataFrameSchema({"a": module.Column(wanted, coerce=True, nullable=True)})
    failures = validate(frame, schema, name="t").failures
    assert failures is not None
    assert failures["row"].tolist() == rows
    assert set(failures["column"]) == {"a"}
    assert set(failures["check"]) == {f"type {schema.columns['a'].dtype}"}
    json.dumps(failures.to_dict("records"))


@pytest.mark.parametrize(
    ("module", "values", "wanted", "coerced"),
    [
        (pa, [2.0], int, [2]),
        (pa, ["3"], int, [3]),
        (pa, [0, 1.0, True], bool, [False, True, True]),
        (pa, ["False", "true"], bool, [False, True]),
        (pa, [0.1], "float32", [pytest.approx(0.1)]),
        (pa, [datetime(2020, 1, 1)], pa.Date, [date(2020, 1, 1)]),
        (pa, [1, 2], str, ["1", "2"]),
        (pap, [2.0, None], pl.Int64, [2, None]),
        (pap, ["3"], pl.Int64, [3]),
        (pap, [0.0, 1.0, None], pl.Boolean, [False, True, None]),
        (pap, [0.1], pl.Float32, [pytest.approx(0.1)]),
        (pap, [datetime(2020, 1, 1)], pl.Date, [date(2020, 1, 1)]),
    ],
)
def test_values_that_come_through_the_coercion_are_kept(
    module: Any, values: list[Any], wanted: Any, coerced: list[Any]
) -> None:
    frame = (pd if module is pa else pl).DataFrame({"a": values})
    schema = module.DataFrameSchema({"a": module.Column(wanted, coerce=True, nullable=True)})
    result = validate(frame, schema, name="t")
    assert result.failures is None, result.summary
    assert result.frame["a"].to_list() == coerced


def test_changed_values_stand_beside_the_other_failing_cases() -> None:
    schema = pa.DataFrameSchema(
        {"a": pa.Column(int, pa.Check.gt(0))}, index=pa.Index(int, name="i"), coerce=True
    )
    frame = pd.DataFrame({"a": [1.5, -3.0]}, index=pd.Index([1.0, 2.5], name="i"))
    result = validate(frame, schema, name="t")
    assert "- a: type int64, found 1.5 in row 1" in result.summary
    assert "- i: type int64, found 2.5 in row 1" in result.summary
    assert "- a: greater_than(0), found -3 in row 2" in result.summary


@pytest.mark.parametrize("library", FRAMES)
def test_one_type_for_all_columns_is_watched_too(library: type) -> None:
    schema = (pa if library is pd.DataFrame else pap).DataFrameSchema(dtype=int, coerce=True)
    failures = validate(library({"a": [1.5], "b": [2.5]}), schema, name="t").failures
    assert failures is not None
    assert failures["value"].tolist() == [1.5, 2.5]


def test_what_a_parser_rounds_is_not_changed_by_the_coercion() -> None:
    rounded = pa.Parser(lambda values: values.round())
    for schema in (
        pa.DataFrameSchema({"a": pa.Column(int, parsers=rounded)}, coerce=True),
        pa.DataFrameSchema({"a": pa.Column(int)}, parsers=rounded, coerce=True),
    ):
        result = validate(pd.DataFrame({"a": [1.5]}), schema, name="t")
        assert result.frame["a"].tolist() == [2]


def test_a_column_of_the_wrong_type_says_so() -> None:
    schema = pa.DataFrameSchema({"a": pa.Column(int)})
    result = validate(pd.DataFrame({"a": ["x"]}), schema, name="t")
    assert result.failures is not None
    assert result.failures.loc[0, "check"] == "type int64"


@pytest.mark.parametrize("module", [pa, pap])
def test_what_a_check_raises_is_a_failing_case(module: Any) -> None:
    class Broken(module.DataFrameModel):  # type: ignore[name-defined,misc]
        a: int

        @module.check("a", name="explodes")  # type: ignore[untyped-decorator]
        def explodes(cls, values: Any) -> bool:  # noqa: N805 - pandera's convention
            raise ValueError("boom")

    frame = pd.DataFrame({"a": [1]}) if module is pa else pl.DataFrame({"a": [1]})
    result = validate(frame, Broken, name="t")
    assert result.failures is not None
    assert result.failures.loc[0, "check"] == "explodes"
    assert "boom" in result.failures.loc[0, "value"]


def test_what_a_parser_raises_is_a_failing_case() -> None:
    class Parsed(pa.DataFrameModel):
        a: int

        @pa.dataframe_parser
        def explode(cls, frame: pd.DataFrame) -> pd.DataFrame:  # noqa: N805 - pandera's convention
            raise ValueError("boom")

    result = validate(pd.DataFrame({"a": [1]}), Parsed, name="t")
    assert result.failures is not None
    assert "boom" in str(result.failures["value"].tolist())


def test_parsers_and_defaults_reach_the_stored_table() -> None:
    schema = pa.DataFrameSchema({"a": pa.Column(int, parsers=pa.Parser(lambda values: values.clip(0)))})
    result = validate(pd.DataFrame({"a": [-1, 2]}), schema, name="t")
    assert result.frame["a"].tolist() == [0, 2]


def test_labels_of_rows_are_reported() -> None:
    frame = pd.DataFrame(BAD, index=pd.date_range("2013-01-01", periods=3))
    result = validate(frame, Flights, name="flights")
    assert result.failures is not None
    assert "2013-01-01 00:00:00" in result.failures["row"].tolist()


def test_a_check_of_the_whole_table() -> None:
    class Ordered(pa.DataFrameModel):
        a: int
        b: int

        @pa.dataframe_check
        def b_after_a(cls, frame: pd.DataFrame) -> pd.Series[bool]:  # noqa: N805 - pandera's convention
            return frame["b"] > frame["a"]

    result = validate(pd.DataFrame({"a": [1, 2], "b": [2, 1]}), Ordered, name="t")
    assert result.failures is not None
    assert set(result.failures["check"]) == {"b_after_a"}
    assert set(result.failures["row"]) == {1}


def test_unique_and_null_in_words() -> None:
    schema = pa.DataFrameSchema({"a": pa.Column(float, unique=True)})
    result = validate(pd.DataFrame({"a": [1.0, 1.0, None]}), schema, name="t")
    assert result.failures is not None
    assert set(result.failures["check"]) == {"unique", "not null"}


def test_many_failures_are_counted_not_listed() -> None:
    schema = pa.DataFrameSchema({f"c{i}": pa.Column(int, pa.Check.gt(0)) for i in range(12)})
    frame = pd.DataFrame({f"c{i}": [0] * 5_000 for i in range(12)})
    summary = validate(frame, schema, name="t").summary
    assert "60,000 failing cases" in summary
    assert "- c0: greater_than(0), found 0 in row 0 and 4,999 more" in summary
    assert summary.endswith("- and 2 more")


@pytest.mark.parametrize("schema", [None, {"a": int}, int, pa.Column(int), pd.DataFrame, "Flights"])
def test_what_is_no_schema_is_refused(schema: Any) -> None:
    with pytest.raises(SchemaError, match="Expected a pandera DataFrameModel class or a DataFrameSchema"):
        validate(pd.DataFrame({"a": [1]}), schema, name="t")
    with pytest.raises(SchemaError, match="Expected a pandera"):
        column_schema(schema)


def test_a_model_that_cannot_be_built_is_refused() -> None:
    class Wrong(pa.DataFrameModel):
        a: no_such_type  # type: ignore[name-defined]  # noqa: F821 - that is the case under test

    with pytest.raises(SchemaError, match="The schema Wrong cannot be built"):
        column_schema(Wrong)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(LakeError, match="found dict, which is no table"):
        validate({"delay": [1]}, Flights, name="t")


@pytest.mark.parametrize("schema", SCHEMAS)
def test_columns_of_a_schema(schema: Any) -> None:
    delay, origin = column_schema(schema)
    assert delay == {
        "name": "delay",
        "type": "float64" if "Polars" not in str(schema) else "Float64",
        "description": "minutes",
        "nullable": False,
        "unique": False,
        "sensitive": False,
        "pattern": False,
        "checks": ["greater_than_or_equal_to(0)"],
    }
    assert origin["nullable"]
    assert origin["checks"] == ["isin(['EWR', 'JFK'])"]


def test_levels_of_a_named_index_are_columns_too() -> None:
    schema = pa.DataFrameSchema({"a": pa.Column(int)}, index=pa.Index(str, name="origin"))
    assert [column["name"] for column in column_schema(schema)] == ["origin", "a"]
    frame = pd.DataFrame({"a": [1]}, index=pd.Index(["EWR"], name="origin"))
    assert validate(frame, schema, name="t").failures is None


@pytest.mark.parametrize("unit", ["ns", "us", "s"])
def test_points_in_time_of_another_unit_are_the_same(unit: str) -> None:
    schema = pa.DataFrameSchema({"at": pa.Column(pd.DatetimeTZDtype("us", "UTC"))}, coerce=True)
    frame = pd.DataFrame(
        {"at": pd.to_datetime(["2013-01-01 10:15"], utc=True).astype(f"datetime64[{unit}, UTC]")}
    )
    assert validate(frame, schema, name="t").failures is None
