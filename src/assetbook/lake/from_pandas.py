"""A pandas frame as an Arrow table, with notes for what Arrow would lose of it.

Missing values of pandas, NaN among them, are null: that is what SQL and the other libraries take them for.
A named index is kept as columns and restored; an index of whole numbers without a name is the position that
rows once had, and is not kept. Any other index without a name would be lost, and is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assetbook.errors import LakeError
from assetbook.lake.columns import INDEX, PANDAS, with_note
from assetbook.lake.names import check_column_names

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def from_pandas(frame: pd.DataFrame, *, name: str) -> pa.Table:
    """Return the frame as an Arrow table whose schema has a note wherever the Arrow type does not tell all.

    Raises:
        LakeError: a column, its name or the index cannot be kept.
    """
    import pyarrow as pa

    levels = _index_levels(frame, name=name)
    frame = frame.reset_index() if levels else frame  # without levels the index is not read: no copy
    check_column_names(list(frame.columns), name=name)
    table = _converted(frame, name=name)
    fields = []
    for place, field in enumerate(table.schema):
        note = _pandas_note(frame.iloc[:, place], table.column(place), name=name)
        field = with_note(field, PANDAS, note.encode() if note else None)
        fields.append(with_note(field, INDEX, str(place).encode() if place < len(levels) else None))
    return pa.table(table.columns, schema=pa.schema(fields))


def _converted(frame: pd.DataFrame, *, name: str) -> pa.Table:
    import pyarrow as pa

    refusals = (pa.ArrowException, TypeError, OverflowError, ValueError)
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except refusals as refused:
        for _, series in frame.items():  # once more, one by one, to name the column
            try:
                pa.array(series, from_pandas=True)
            except refusals as error:
                raise _not_arrow(series, error, name=name) from error
        raise LakeError(f"Table {name!r}: this frame has no Arrow form ({_first(refused)}).") from refused


def _index_levels(frame: pd.DataFrame, *, name: str) -> list[str]:
    """Return the index levels to keep as columns; whole numbers without a name are positions, and are not."""
    import pandas as pd

    index = frame.index
    names = list(index.names)
    if all(level is None for level in names):
        if index.nlevels == 1 and (pd.api.types.is_integer_dtype(index.dtype) or not len(index)):
            return []
        raise LakeError(
            f"Table {name!r}: the index holds {index.inferred_type} values and has no name, so it would be "
            "lost. Name it and it is kept as a column, `df.rename_axis('name')`, or drop it, "
            "`df.reset_index(drop=True)`."
        )
    clash = sorted(map(str, set(names) & set(frame.columns)))
    if clash or not all(isinstance(level, str) and level for level in names):
        raise LakeError(
            f"Table {name!r}: the index levels {names} cannot become columns"
            f"{f', because {clash[0]!r} is a column already' if clash else ', because each needs a name'}. "
            "Name them with `df.rename_axis([...])`, or drop them with `df.reset_index(drop=True)`."
        )
    return [str(level) for level in names]


def _not_arrow(series: pd.Series[Any], error: Exception, *, name: str) -> LakeError:
    import pandas as pd

    where = f"Table {name!r}, column {series.name!r}"
    if isinstance(series.dtype, pd.SparseDtype):
        return LakeError(f"{where}: found sparse values ({series.dtype}). Save `.sparse.to_dense()`.")
    if pd.api.types.is_object_dtype(series.dtype):
        kinds = [kind.__name__ for kind in series.dropna().map(type).value_counts().index]
        return LakeError(
            f"{where}: found objects of type {', '.join(kinds[:5])} ({_first(error)}). Expected values of one "
            "type that a table can hold: convert them, for example `.astype(str)` or `pd.to_numeric(...)`."
        )
    return LakeError(
        f"{where}: found {series.dtype}, which the lake cannot keep ({_first(error)}). Convert it."
    )


def _first(error: Exception) -> str:
    return str(error.args[0] if error.args else error).splitlines()[0]


def _pandas_note(series: pd.Series[Any], values: pa.ChunkedArray, *, name: str) -> str | None:
    """Return what tells the pandas dtype where the Arrow type alone would give another one."""
    import pandas as pd

    dtype = series.dtype
    if pd.api.types.is_object_dtype(dtype):
        return _object_note(series, values, name=name)
    if isinstance(dtype, pd.ArrowDtype):
        return "arrow"
    if isinstance(dtype, pd.StringDtype):
        return f"string[{dtype.storage}]" if dtype.na_value is pd.NA else f"str[{dtype.storage}]"
    if isinstance(dtype, pd.DatetimeTZDtype):
        source = type(dtype.tz).__module__.partition(".")[0]  # zoneinfo, datetime or pytz
        return None if source == "pytz" or str(dtype.tz) == "UTC" else f"tz:{source}"
    if isinstance(dtype, pd.CategoricalDtype):
        return None
    return str(dtype) if pd.api.types.is_extension_array_dtype(dtype) else None


def _object_note(series: pd.Series[Any], values: pa.ChunkedArray, *, name: str) -> str | None:
    """Return what gives back a column of Python objects.

    That is ``objects`` where pandas would make something else of the Arrow values, and ``nan`` where missing
    values were NaN, as `pd.read_csv` makes them in columns of text, and not None.
    """
    import pyarrow as pa

    arrow, is_ = values.type, pa.types
    where = f"Table {name!r}, column {series.name!r}"
    if is_.is_timestamp(arrow) or is_.is_duration(arrow):
        fix = "pd.to_datetime" if is_.is_timestamp(arrow) else "pd.to_timedelta"
        raise LakeError(
            f"{where}: found {arrow} values as Python objects, whose unit and time zone are not certain. "
            f"Convert the column: `{fix}(df[{series.name!r}])`."
        )
    if is_.is_nested(arrow):
        kinds = {type(value).__name__ for value in series.dropna()}
        if kinds & {"tuple", "set", "frozenset"} or len(kinds) > 1:
            raise LakeError(
                f"{where}: found {', '.join(sorted(kinds))}, which would come back as lists. Convert the "
                f"column: `df[{series.name!r}].map(list)`."
            )
        return None if kinds == {"ndarray"} else "objects"
    if is_.is_integer(arrow) or is_.is_floating(arrow) or is_.is_boolean(arrow):
        return "objects"
    return "nan" if _missing_is_nan(series, values) else None


def _missing_is_nan(series: pd.Series[Any], values: pa.ChunkedArray) -> bool:
    if not values.null_count:
        return False
    missing = series.to_numpy()[values.is_null().to_numpy(zero_copy_only=False)]
    return all(isinstance(value, float) for value in missing)
