"""Coercion that loses nothing: the values that a schema's types would change without a word.

pandera casts a column to the type of its schema; 1.5 becomes 1, "False" becomes True, a time of day vanishes. Here
each cast is watched, at the moment when pandera makes it: between the parsers of the schema and its checks. What a
type itself says is no loss: the precision of float32, the scale of a decimal.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import polars as pl

_TRUTHS = {"true": True, "false": False}  # what text may say of a truth value, in any case


def watched(schema: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Return a copy of a pandera schema, and the list that its coercions fill with the values that they change.

    Args:
        schema: a ``DataFrameSchema`` of pandas or Polars; it stays as it is.

    Returns:
        The copy, to validate with, and its list: column, check, value and row of each value that did not come
        through the cast as it was.
    """
    changed: list[dict[str, Any]] = []
    copied = copy.copy(schema)
    copied.columns = {name: copy.copy(column) for name, column in schema.columns.items()}
    copied.index = copy.deepcopy(getattr(schema, "index", None))
    levels = [] if copied.index is None else getattr(copied.index, "indexes", [copied.index])
    for part in (copied, *copied.columns.values(), *levels):
        if part.dtype is not None:
            part.dtype = _watch(part.dtype, changed)
    return copied, changed


def _watch(dtype: Any, changed: list[dict[str, Any]]) -> Any:
    """Return a copy of a pandera type that writes down what its casts change."""
    import numpy as np
    from pandera import dtypes

    watching = copy.copy(dtype)
    to_date = isinstance(dtype, dtypes.Date) and not isinstance(dtype, dtypes.Timestamp)

    def try_coerce(data: Any) -> Any:
        given = _with_truths(data) if isinstance(dtype, dtypes.Bool) else data
        with np.errstate(over="ignore"):  # what becomes infinite is found below
            coerced = dtype.try_coerce(given)
        for column, before, after in _pairs(given, coerced):
            for row, value in _lost(before, after, to_date=to_date):
                changed.append({"column": column, "check": f"type {dtype}", "value": value, "row": row})
        return coerced

    object.__setattr__(watching, "try_coerce", try_coerce)  # the types are frozen dataclasses
    return watching


def _is_polars(data: Any) -> bool:
    return type(data).__module__.partition(".")[0] == "polars"


def _pairs(given: Any, coerced: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Give name, old and new values of the columns whose type is another one now."""
    if hasattr(given, "lazyframe") or _is_polars(given):
        given = getattr(given, "lazyframe", given)
        new = coerced.collect_schema()
        names = [name for name, old in given.collect_schema().items() if new.get(name, old) != old]
        if names:
            before, after = given.select(names).collect(), coerced.select(names).collect()
            yield from ((name, before[name], after[name]) for name in names)
    elif given.ndim == 2:
        places = range(given.shape[1]) if given.columns.equals(coerced.columns) else ()
        for place in places:  # names may be there twice
            yield from _pairs(given.iloc[:, place], coerced.iloc[:, place])
    elif given.dtype != coerced.dtype or given.dtype == object:
        if hasattr(given, "to_series"):  # an index
            rows = range(len(given))
            given, coerced = given.to_series(index=rows), coerced.to_series(index=rows)
        yield given.name, given, coerced


def _lost(given: Any, coerced: Any, *, to_date: bool) -> Iterator[tuple[Any, Any]]:
    """Give row and value of what the cast has changed."""
    if _is_polars(given):
        rows = _lost_in_polars(given, coerced).fill_null(False).arg_true()
        yield from zip(rows.to_list(), given.gather(rows).to_list(), strict=True)
        return
    found = given[_lost_in_pandas(given, coerced, to_date=to_date)]
    yield from zip(found.index, found.array, strict=True)


# ---- pandas


def _lost_in_pandas(given: pd.Series, coerced: pd.Series, *, to_date: bool) -> npt.NDArray[np.bool_]:
    import pandas as pd
    from pandas.api import types

    if to_date and types.infer_dtype(given, skipna=True) == "datetime":
        given = pd.to_datetime(given)
    known = (given.notna() & coerced.notna()).to_numpy()
    if types.is_bool_dtype(coerced.dtype):
        return coerced.notna().to_numpy() & ~given.isin([0, 1]).to_numpy()
    lost: npt.NDArray[np.bool_] = given.notna().to_numpy() & ~known
    if types.is_numeric_dtype(coerced.dtype):
        lost[known] = _lost_numbers(given[known], coerced[known])
    elif types.is_datetime64_any_dtype(given.dtype) and to_date:
        lost[known] = (given != given.dt.normalize())[known]
    elif _same_kind_of_time(given.dtype, coerced.dtype):
        lost[known] = (given != coerced)[known]
    return lost


def _same_kind_of_time(one: Any, other: Any) -> bool:
    """Whether both are points in time, with a zone or without, or both are durations."""
    kinds = getattr(one, "kind", ""), getattr(other, "kind", "")
    zoned = [getattr(getattr(each, "pyarrow_dtype", each), "tz", None) is not None for each in (one, other)]
    return kinds in (("M", "M"), ("m", "m")) and zoned[0] == zoned[1]


def _lost_numbers(given: pd.Series, coerced: pd.Series) -> npt.NDArray[np.bool_]:
    """Return which numbers are others after the cast; a truth value is none."""
    import numpy as np
    import pandas as pd

    truths = _truths(given)
    if not pd.api.types.is_numeric_dtype(given.dtype):
        given = pd.to_numeric(given, errors="coerce")  # what is no number for pandas: nothing to compare with
    old, new = given.to_numpy(), coerced.to_numpy()
    if old.dtype.kind not in "iuf" or new.dtype.kind not in "iuf":
        return truths
    if old.dtype.kind == new.dtype.kind == "f":
        return np.asarray(truths | (np.isinf(new) & ~np.isinf(old)))
    with np.errstate(invalid="ignore"):  # -1 comes back from uint64 as -1, though it was another number there
        same = (new.astype(old.dtype) == old) & ((new < 0) == (old < 0))
    return np.asarray(truths | (~same & ~np.isnan(old)))


def _truths(given: pd.Series) -> npt.NDArray[np.bool_]:
    """Return which values are True or False."""
    import numpy as np
    import pandas as pd

    kind = pd.api.types.infer_dtype(given, skipna=True)
    if kind == "boolean" or not kind.startswith("mixed"):
        return np.full(len(given), kind == "boolean")
    return np.fromiter((isinstance(value, bool | np.bool_) for value in given), dtype=bool, count=len(given))


# ---- Polars


def _lost_in_polars(given: pl.Series, coerced: pl.Series) -> pl.Series:
    import polars as pl

    old, new = given.dtype, coerced.dtype
    lost = given.is_not_null() & coerced.is_null()
    if new == pl.Boolean and old.is_numeric():
        return lost | ((given != 0) & (given != 1))
    if new.is_float() and old == pl.String:
        given, old = given.cast(pl.Float64, strict=False), pl.Float64()
    if new.is_numeric() and old == pl.Boolean:
        return lost | given.is_not_null()
    if new.is_float() and old.is_float():
        return lost | (coerced.is_infinite() & ~given.is_infinite())
    if new == pl.Date and old == pl.Datetime:
        return lost | (given.dt.time() != time.min)
    numbers = old.is_numeric() and (new.is_integer() or new.is_float())
    if numbers or (old.base_type() == new.base_type() and old.is_temporal()):
        back = coerced.cast(old, strict=False)
        return lost | (given.is_not_null() & given.ne_missing(back))
    return lost


# ---- text that says true or false


def _with_truths(data: Any) -> Any:
    """Return data of a column with the texts true and false as truth values: pandas takes any text for True."""
    if hasattr(data, "lazyframe") or _is_polars(data):
        return data
    if data.ndim == 2:
        return data.apply(_with_truths)
    from pandas.api import types

    if not (types.is_object_dtype(data.dtype) or types.is_string_dtype(data.dtype)):
        return data
    said = data.map(
        lambda value: _TRUTHS.get(value.strip().lower(), value) if isinstance(value, str) else value
    )
    return said.astype(object)
