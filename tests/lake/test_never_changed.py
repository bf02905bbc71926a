"""Whatever a column holds, it comes back as it was or is refused: properties over pandas, Arrow and Polars."""

from __future__ import annotations

import datetime as dt
import math
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
from polars.testing.parametric import dataframes

from assetbook.errors import LakeError
from assetbook.lake import Form, Lake

ROWS = 5
examples: Callable[..., Any] = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def through(lake: Lake, data: Any, *, as_: Form) -> Any:
    """Save and load; None where the lake refuses."""
    try:
        staged = lake.stage("t", data, group="g", run_id="run")
    except LakeError:
        return None
    lake.publish([staged], stamp={})
    return lake.read("t", as_=as_)


def same(given: Any, back: Any) -> bool:
    """Whether a value came back: of its kind, equal, down to the sign of zero and the elements of lists."""
    if isinstance(given, np.ndarray):
        alike = isinstance(back, np.ndarray) and given.dtype == back.dtype
        return alike and len(given) == len(back) and all(map(same, given.tolist(), back.tolist()))
    if isinstance(given, np.generic):
        given = given.item()
    if isinstance(given, list | tuple):
        return isinstance(given, type(back)) and len(given) == len(back) and all(map(same, given, back))
    if isinstance(given, dict):
        return (
            isinstance(back, dict)
            and given.keys() == back.keys()
            and all(same(value, back[key]) for key, value in given.items())
        )
    if isinstance(given, float) and isinstance(back, float):
        return (math.isnan(given) and math.isnan(back)) or str(given) == str(back)
    if isinstance(given, dt.datetime) and isinstance(back, dt.datetime):
        return given.isoformat() == back.isoformat()
    if given is None or back is None:
        return given is back
    return (
        isinstance(given, type(back)) and isinstance(given, bool) == isinstance(back, bool) and given == back
    )


def same_or_missing(given: Any, back: Any) -> bool:
    """The same; a missing value may be another of pandas' missing values."""
    if pd.api.types.is_scalar(given) and pd.isna(given):
        return bool(pd.api.types.is_scalar(back) and pd.isna(back))
    return same(given, back)


# ---- pandas

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
moments = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1))
waits = st.timedeltas(dt.timedelta(days=-90_000), dt.timedelta(days=90_000))  # in ns they are 64 bits
plain: list[st.SearchStrategy[Any]] = [
    st.integers(-(2**70), 2**70),
    st.integers(-9, 9),
    st.floats(),
    st.booleans(),
    text,
    st.binary(max_size=4),
    st.dates(),
    st.times() | st.times(timezones=st.just(dt.UTC)),
    moments | moments.map(pd.Timestamp) | moments.map(lambda moment: moment.replace(tzinfo=dt.UTC)),
    waits,
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-999, max_value=999),
    st.sampled_from([Decimal("1"), Decimal("1E+3"), Decimal("0.001"), Decimal("NaN")]),
    st.sampled_from([np.int8(1), np.float32(1.1), np.bool_(True), np.str_("x"), bytearray(b"x")]),
]
missing = st.sampled_from([None, math.nan, pd.NA, pd.NaT])
nested: list[st.SearchStrategy[Any]] = [
    st.lists(kind | st.none(), max_size=3) for kind in [*plain, missing]
] + [
    st.lists(st.floats() | st.integers(-9, 9), max_size=3),
    st.lists(st.floats(), max_size=3).map(np.array),
    st.lists(st.integers(-9, 9), max_size=3).map(lambda values: np.array(values, dtype="int8")),
    st.lists(text, max_size=3).map(lambda values: np.array(values, dtype=object)),
    st.tuples(st.integers(-9, 9)),
    st.frozensets(st.integers(-9, 9), max_size=2),
    st.fixed_dictionaries({"a": st.integers(-9, 9) | st.none(), "b": st.floats()}),
    st.fixed_dictionaries({"a": st.booleans()}, optional={"b": text}),
    st.lists(st.fixed_dictionaries({"a": st.lists(text, max_size=2)}), max_size=2),
]
objects = st.lists(st.sampled_from([*plain, *nested, missing]), min_size=1, max_size=2).flatmap(
    lambda kinds: st.lists(st.one_of(kinds) | missing | st.none(), max_size=ROWS)
)


@examples
@given(values=objects)
def test_a_pandas_column_of_objects(tmp_path: Path, values: list[Any]) -> None:
    frame = pd.DataFrame({"c": pd.Series(values, dtype=object)})
    back = through(Lake(tmp_path), frame, as_="pandas")
    if back is not None:
        assert back["c"].dtype == object
        assert all(map(same_or_missing, frame["c"], back["c"])), (frame["c"].tolist(), back["c"].tolist())


INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
ZONES = [
    None,
    "UTC",
    "Europe/Berlin",
    "+05:30",
    "dateutil/America/New_York",
    dt.timezone(dt.timedelta(hours=2)),
]


def of_dtype(dtype: str, values: list[Any]) -> Any:
    return pd.array(values, dtype=dtype)


def moments_in(unit: str, zone: Any, values: list[Any]) -> Any:
    naive = pd.to_datetime(pd.Series(values, dtype="datetime64[us]")).dt.as_unit(unit)
    return naive if zone is None else naive.dt.tz_localize("UTC").dt.tz_convert(zone)


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, max_size=ROWS)


def integers(dtype: str) -> st.SearchStrategy[int]:
    info = np.iinfo(dtype.lower())
    return st.integers(int(info.min), int(info.max))


units = st.sampled_from(["s", "ms", "us", "ns"])
typed: list[st.SearchStrategy[Any]] = [
    *(several(integers(d)).map(lambda v, d=d: np.array(v, dtype=d)) for d in INTEGERS),
    *(
        several(integers(d) | st.none()).map(
            lambda v, d=d: of_dtype(d.replace("i", "I").replace("u", "U"), v)
        )
        for d in INTEGERS
    ),
    *(several(st.floats(width=w)).map(lambda v, w=w: np.array(v, dtype=f"float{w}")) for w in (16, 32, 64)),
    several(st.floats() | st.none()).map(lambda v: of_dtype("Float64", v)),
    several(st.booleans()).map(lambda v: np.array(v, dtype=bool)),
    several(st.booleans() | st.none()).map(lambda v: of_dtype("boolean", v)),
    *(
        several(text | st.none()).map(lambda v, d=d: of_dtype(d, v))
        for d in ("string", "string[pyarrow]", "str")
    ),
    st.builds(moments_in, units, st.sampled_from(ZONES), several(moments | st.none())),
    st.builds(
        lambda unit, v: pd.Series(v, dtype="timedelta64[us]").dt.as_unit(unit),
        units,
        several(waits),
    ),
    several(st.complex_numbers()).map(lambda v: np.array(v, dtype=complex)),
    several(st.integers(0, 9)).map(pd.arrays.SparseArray),
    several(st.integers(0, 9)).map(lambda v: pd.PeriodIndex.from_ordinals(v, freq="D")),
    several(st.integers(0, 9)).map(lambda v: pd.arrays.IntervalArray.from_arrays(v, v)),
]


def categorical(listed: Any, picked: list[int], ordered: bool) -> Any:
    index = pd.Index(listed).dropna().unique()
    codes = [code if code < len(index) else -1 for code in picked]
    return pd.Categorical.from_codes(codes, index, ordered=ordered)


typed_or_categories = st.one_of(typed) | st.builds(
    categorical, st.one_of([*typed, several(st.one_of(plain))]), several(st.integers(-1, ROWS)), st.booleans()
)


@examples
@given(values=typed_or_categories, as_index=st.booleans())
def test_a_pandas_column_of_any_dtype(tmp_path: Path, values: Any, as_index: bool) -> None:
    frame = pd.DataFrame({"c": values, "n": range(len(values))})
    if as_index and frame["c"].dtype != "float16":  # of which pandas makes no index
        frame = frame.set_index("c")
    back = through(Lake(tmp_path), frame, as_="pandas")
    if back is not None:
        pd.testing.assert_frame_equal(back, frame, check_freq=False, check_exact=True)


# ---- Arrow

simple_types = st.sampled_from(
    [
        pa.null(), pa.bool_(), pa.int8(), pa.int64(), pa.uint8(), pa.uint32(), pa.uint64(), pa.float16(), pa.float32(),
        pa.float64(), pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary(2),
        pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"), pa.timestamp("s"),
        pa.timestamp("ns"), pa.timestamp("us", "Europe/Berlin"), pa.timestamp("ms", "+05:30"), pa.duration("s"),
        pa.duration("ns"), pa.decimal32(5, 2), pa.decimal128(38, 2), pa.decimal256(30, 2), pa.decimal256(60, 2),
        pa.month_day_nano_interval(),
    ]
)  # fmt: skip


def fields(types: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(pa.field, st.sampled_from(["a", "b ü"]), types)


arrow_types = st.recursive(
    simple_types
    | st.builds(pa.dictionary, st.sampled_from([pa.int8(), pa.uint32()]), simple_types, st.booleans()),
    lambda inner: st.one_of(
        fields(inner).map(pa.list_),
        fields(inner).map(pa.large_list),
        st.builds(pa.list_, fields(inner), st.integers(0, 2)),
        fields(inner).map(lambda field: pa.struct([field, pa.field("z", pa.int8())])),
        st.builds(pa.map_, st.just(pa.string()), inner),
        st.just(pa.list_view(pa.int8())),
    ),
    max_leaves=3,
)


def values_of(arrow: Any) -> st.SearchStrategy[Any]:
    """Return values of an Arrow type as Python objects, None among them."""
    is_ = pa.types
    if is_.is_null(arrow):
        return st.none()
    if is_.is_dictionary(arrow):
        return values_of(arrow.value_type)
    if is_.is_struct(arrow):
        return st.none() | st.fixed_dictionaries({field.name: values_of(field.type) for field in arrow})
    if is_.is_map(arrow):
        return st.none() | st.dictionaries(text, values_of(arrow.item_type), max_size=2).map(
            lambda d: list(d.items())
        )
    if is_.is_nested(arrow):
        size = getattr(arrow, "list_size", None)
        return st.none() | st.lists(
            values_of(arrow.value_type), min_size=size or 0, max_size=2 if size is None else size
        )
    return st.none() | scalars_of(arrow)


def scalars_of(arrow: Any) -> st.SearchStrategy[Any]:
    is_ = pa.types
    seconds = st.integers(-(10**9), 10**9)
    if is_.is_integer(arrow):
        return integers(str(arrow))
    if is_.is_floating(arrow):
        return st.floats(width=arrow.bit_width).map(np.float16 if arrow.bit_width == 16 else float)
    if is_.is_timestamp(arrow):
        return seconds.map(
            lambda n: dt.datetime(2000, 1, 1, tzinfo=dt.UTC if arrow.tz else None) + dt.timedelta(seconds=n)
        )
    if is_.is_time(arrow):
        return st.times().map(lambda time: time.replace(microsecond=0))
    found: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(),
        "string": text,
        "large_string": text,
        "string_view": text,
        "fixed_size_binary[2]": st.binary(min_size=2, max_size=2),
        "binary": st.binary(max_size=3),
        "large_binary": st.binary(max_size=3),
        "month_day_nano_interval": st.just((1, 2, 3)),
    }
    if str(arrow) in found:
        return found[str(arrow)]
    if is_.is_date(arrow):
        return st.dates()
    if is_.is_duration(arrow):
        return seconds.map(lambda n: dt.timedelta(seconds=n))
    return st.decimals(places=2, min_value=-999, max_value=999)


def array_of(arrow: Any, values: list[Any]) -> Any:
    try:
        if not pa.types.is_dictionary(arrow):
            return pa.array(values, arrow)
        plainly = pa.array(values, arrow.value_type).dictionary_encode()
        return pa.DictionaryArray.from_arrays(
            plainly.indices.cast(arrow.index_type), plainly.dictionary, ordered=arrow.ordered
        )
    except (pa.ArrowNotImplementedError, pa.ArrowTypeError):  # Arrow itself cannot make it
        return None


columns = arrow_types.flatmap(
    lambda arrow: several(values_of(arrow)).map(lambda values: array_of(arrow, values))
).filter(lambda values: values is not None)


@examples
@given(values=columns, cut=st.integers(0, ROWS))
def test_an_arrow_column_of_any_type(tmp_path: Path, values: Any, cut: int) -> None:
    table = pa.table({"c": pa.chunked_array([values[:cut], values[cut:]], values.type)})
    back = through(Lake(tmp_path), table, as_="arrow")
    if back is not None:
        assert back.schema.equals(table.schema, check_metadata=True)
        assert all(map(same, table["c"].to_pylist(), back["c"].to_pylist())), (table["c"], back["c"])


# ---- Polars


@examples
@given(frame=dataframes(min_cols=1, max_cols=3, max_size=ROWS, allow_time_zones=True))
def test_a_polars_frame_of_any_dtypes(tmp_path: Path, frame: pl.DataFrame) -> None:
    back = through(Lake(tmp_path), frame, as_="polars")
    if back is not None:
        assert_polars_equal(back, frame)


@pytest.mark.parametrize("form", ["pandas", "polars"])
def test_whole_numbers_with_gaps_are_not_rounded(tmp_path: Path, form: Form) -> None:
    values = [2**60 + 1, None]
    back = through(Lake(tmp_path), pa.table({"c": pa.array(values, pa.int64())}), as_=form)
    assert [None if pd.isna(value) else int(value) for value in back["c"].to_list()] == values
