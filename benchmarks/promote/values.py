"""Whether an asset holds what the original notebook wrote: tables cell by cell, models by all that was fitted."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.promote.reading import Expected

_READERS: Mapping[str, Any] = {
    ".csv": pd.read_csv,
    ".gz": pd.read_csv,
    ".tsv": pd.read_csv,
    ".txt": pd.read_csv,
    ".parquet": pd.read_parquet,
    ".json": pd.read_json,
    ".pkl": pd.read_pickle,
    ".pickle": pd.read_pickle,
    ".feather": pd.read_feather,
}
_UNNAMED = "Unnamed: 0"  # what pandas calls the column of an index that was written without a name
_NEARLY = 1e-9
_OF_THE_MACHINE = {"_n_threads", "n_jobs", "refit_time_", "cv_results_"}  # of a model: threads, and times


def read_table(output: Expected, file: Path) -> pd.DataFrame:
    """Return the table that the original wrote, as somebody reads it who was given the file."""
    if "query" in output.read:
        connection = sqlite3.connect(file)
        try:
            return pd.read_sql_query(str(output.read["query"]), connection)
        finally:
            connection.close()
    found = _READERS[file.suffix](file, **output.read)
    return found.to_frame() if isinstance(found, pd.Series) else found


def table_difference(expected: pd.DataFrame, found: pd.DataFrame, *, output: Expected) -> str | None:
    """Say how a table of the lake differs from what was written; None if it does not."""
    if not isinstance(expected.index, pd.RangeIndex):
        expected = _with_index(expected)
    if not isinstance(found.index, pd.RangeIndex):
        found = _with_index(found)
    if len(expected) != len(found):
        return f"{len(expected)} rows expected, {len(found)} found"
    expected = expected.set_axis(expected.columns.map(str), axis=1)
    found = found.set_axis(found.columns.map(str), axis=1)
    missing = [name for name in expected.columns if name not in found.columns]
    for name in [name for name in missing if name == _UNNAMED or name.startswith("index")]:
        if _is_numbering(expected[name]) or _holds(found, expected[name], output):
            missing.remove(name)
    if missing:
        return f"columns {missing} are missing of {list(found.columns)}"
    if output.random:
        return None
    for name in expected.columns.intersection(found.columns):
        if not _same_column(expected[name], found[name], output.tolerance):
            return _first_difference(name, expected[name], found[name])
    return None


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    index = frame.index.to_frame(index=False)
    index.columns = [
        _UNNAMED
        if name is None and frame.index.nlevels == 1
        else str(name if name is not None else f"index{n}")
        for n, name in enumerate(frame.index.names)
    ]
    rest = frame.reset_index(drop=True)
    return pd.concat([index[[c for c in index if c not in rest.columns]], rest], axis=1)


def _is_numbering(column: pd.Series) -> bool:
    return bool(pd.api.types.is_integer_dtype(column) and column.is_unique)


def _holds(frame: pd.DataFrame, column: pd.Series, output: Expected) -> bool:
    return any(_same_column(column, frame[name], output.tolerance) for name in frame.columns)


def _same_column(expected: pd.Series, found: pd.Series, tolerance: float) -> bool:
    expected, found = expected.reset_index(drop=True), found.reset_index(drop=True)
    if (expected.isna() != found.isna()).any():
        return False
    expected, found = expected.dropna(), found.dropna()
    if _numeric(expected) and _numeric(found):
        numbers = expected.astype(float).to_numpy(), found.astype(float).to_numpy()
        return bool(np.allclose(*numbers, rtol=_NEARLY, atol=max(tolerance, _NEARLY)))
    if _is_time(expected) or _is_time(found):
        return bool((_times(expected) == _times(found)).all())
    return bool((expected.map(_plain) == found.map(_plain)).all())


def _numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) or bool(column.map(lambda v: isinstance(v, bool)).all())


def _is_time(column: pd.Series) -> bool:
    return pd.api.types.is_datetime64_any_dtype(column)


def _times(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column.astype(str), utc=True, errors="coerce", format="mixed")


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _first_difference(name: str, expected: pd.Series, found: pd.Series) -> str:
    if sorted(map(_plain, expected)) == sorted(map(_plain, found)):
        return f"column {name!r}: the same values in another order"
    for row, (want, have) in enumerate(zip(expected, found, strict=True)):
        if not _same_column(pd.Series([want]), pd.Series([have]), 0):
            return f"column {name!r}, row {row}: {want!r} expected, {have!r} found"
    return f"column {name!r}: other values, beginning with {found.iloc[0]!r}"


def model_difference(expected: Any, found: Any, *, output: Expected) -> str | None:
    """Say how a model differs from the original's; None if it does not."""
    if type(expected).__qualname__ != type(found).__qualname__:
        return f"a {type(expected).__qualname__} expected, a {type(found).__qualname__} found"
    if output.random:
        return None
    return _difference(expected, found, type(expected).__name__, set())


def _difference(want: Any, have: Any, where: str, seen: set[int]) -> str | None:
    if id(want) in seen or isinstance(want, np.random.RandomState | np.random.Generator):
        return None
    if type(want).__qualname__ != type(have).__qualname__:
        return f"{where}: {type(want).__qualname__} expected, {type(have).__qualname__} found"
    if isinstance(want, np.ndarray):
        return None if _same_array(want, have) else f"{where} holds other values"
    if isinstance(want, float | np.floating):
        return (
            None
            if np.isclose(want, have, rtol=1e-6, equal_nan=True)
            else f"{where}: {want} expected, {have} found"
        )
    if isinstance(want, dict | list | tuple):
        return _difference_inside(want, have, where, seen)
    if isinstance(want, str | int | bool | None | type):
        return None if want == have else f"{where}: {want!r} expected, {have!r} found"
    state = getattr(want, "__dict__", None) or _state(want)
    if not isinstance(state, dict):
        return None
    other = getattr(have, "__dict__", None) or _state(have)
    return _difference_inside(state, other, where, seen | {id(want)})


def _difference_inside(want: Any, have: Any, where: str, seen: set[int]) -> str | None:
    if len(want) != len(have):
        return f"{where}: {len(want)} parts expected, {len(have)} found"
    keys = want.keys() if isinstance(want, dict) else range(len(want))
    for key in keys:
        if key in _OF_THE_MACHINE:
            continue
        if isinstance(want, dict) and key not in have:
            return f"{where} has no {key!r}"
        found = _difference(want[key], have[key], f"{where}.{key}", seen)
        if found is not None:
            return found
    return None


def _state(value: Any) -> Any:
    try:
        return value.__getstate__()
    except (AttributeError, TypeError):
        return None


def _same_array(want: np.ndarray[Any, Any], have: np.ndarray[Any, Any]) -> bool:
    if want.shape != have.shape:
        return False
    if want.dtype.kind in "fc" and have.dtype.kind in "fciu":
        return bool(np.allclose(want, have, rtol=1e-6, atol=1e-9, equal_nan=True))
    if want.dtype.names:  # the nodes of trees
        return all(_same_array(want[name], have[name]) for name in want.dtype.names)
    if want.dtype.kind == "O":
        return list(map(str, want.ravel())) == list(map(str, have.ravel()))
    return bool(np.array_equal(want, have))
