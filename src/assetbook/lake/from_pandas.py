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
from assetbook.lake.objects import kept
from assetbook.lake.outgoing import CATEGORY, restored

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
    frame = _with_levels(frame, levels)
    check_column_names(list(frame.columns), name=name)
    columns, fields = [], []
    for place, (label, values) in enumerate(_converted(frame, name=name).items()):
        values, note = _note(frame.iloc[:, place], values, name=name)
        field = with_note(pa.field(label, values.type), PANDAS, note.encode() if note else None)
        fields.append(with_note(field, INDEX, str(place).encode() if place < len(levels) else None))
        columns.append(values)
    return pa.table(columns, schema=pa.schema(fields))


def check_dtypes(frame: pd.DataFrame, table: pa.Table, *, name: str) -> None:
    """Refuse a frame that would not come back from its Arrow table with the dtypes that it has.

    What the notes tell is tried out, without rows.

    Raises:
        LakeError: the column, and the two dtypes.
    """
    given = _with_levels(frame.iloc[:0], _index_levels(frame, name=name)).dtypes
    for (label, dtype), back in zip(given.items(), restored(table.slice(0, 0)).dtypes, strict=True):
        if (dtype, _of_categories(dtype)) != (back, _of_categories(back)):
            raise LakeError(
                f"Table {name!r}, column {label!r}: found {dtype}, which would come back as {back}. Convert "
                f"it first: `df[{label!r}].astype(...)`, or `.dt.tz_convert(...)` where it is the time zone."
            )


def _of_categories(dtype: Any) -> Any:
    categories = getattr(dtype, "categories", None)
    return None if categories is None else categories.dtype


def _with_levels(frame: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    return frame.reset_index() if levels else frame  # without levels the index is not read: no copy


def _converted(frame: pd.DataFrame, *, name: str) -> dict[str, pa.ChunkedArray]:
    import pyarrow as pa

    refusals = (pa.ArrowException, TypeError, OverflowError, ValueError, KeyError)
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        return dict(zip(table.column_names, table.columns, strict=True))
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


def _note(
    column: pd.Series[Any], values: pa.ChunkedArray, *, name: str
) -> tuple[pa.ChunkedArray, str | None]:
    """Return the column's Arrow values, and what tells its dtype where their type alone would give another."""
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.ArrowDtype):
        return values, "arrow"
    if isinstance(dtype, pd.CategoricalDtype):
        return values, _note_of_categories(column, values, name=name)
    if pd.api.types.is_object_dtype(dtype):
        return kept(column, values, name=name)
    if isinstance(dtype, pd.StringDtype):
        return values, f"string[{dtype.storage}]" if dtype.na_value is pd.NA else f"str[{dtype.storage}]"
    if isinstance(dtype, pd.DatetimeTZDtype):
        source = type(dtype.tz).__module__.partition(".")[0]  # zoneinfo, datetime, dateutil or pytz
        return values, None if source == "pytz" or str(dtype.tz) == "UTC" else f"tz:{source}"
    return values, str(dtype) if pd.api.types.is_extension_array_dtype(dtype) else None


def _note_of_categories(column: pd.Series[Any], values: pa.ChunkedArray, *, name: str) -> str | None:
    """Return the note of the categories, which are a column in themselves."""
    import pandas as pd
    import pyarrow as pa

    listed = pd.Series(column.cat.categories, name=column.name)
    _, note = _note(listed, pa.chunked_array([values.chunk(0).dictionary]), name=name)
    return f"{CATEGORY} {note}" if note else None
