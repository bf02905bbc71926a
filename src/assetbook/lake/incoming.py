"""What people save, as an Arrow table with an exact schema: pandas, Polars, Arrow, DuckDB relations.

Nothing is changed silently. What Arrow would lose of a pandas frame is noted in the schema; what cannot be
kept is an error that names the column and the fix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assetbook.errors import LakeError
from assetbook.lake.columns import recode, type_name, with_categories
from assetbook.lake.from_pandas import check_dtypes, from_pandas
from assetbook.lake.names import check_column_names
from assetbook.lake.types import NotKept, stored_type

if TYPE_CHECKING:
    import pyarrow as pa


def to_arrow(data: Any, *, name: str) -> pa.Table:
    """Return `data` as an Arrow table whose schema is exact: its notes tell how to restore what was saved.

    Args:
        data: a pandas, Polars or Arrow table, a DuckDB relation, a reader of record batches, or anything
            else that gives an Arrow stream (the Arrow PyCapsule interface).
        name: the table's name, for messages.

    Raises:
        LakeError: `data` is no table, or holds what the lake cannot keep.
    """
    import pyarrow as pa

    if is_a(data, "polars.LazyFrame"):
        data = data.collect()
    if is_a(data, "pandas.DataFrame"):
        table = _exact(from_pandas(data, name=name), name=name)
        check_dtypes(data, table, name=name)
        return table
    if is_a(data, "polars.DataFrame"):
        table = _from_polars(data, name=name)
    elif isinstance(data, pa.Table):
        table = data
    elif gives_rows(data):
        table = pa.RecordBatchReader.from_stream(data).read_all()
    else:
        raise no_table(data, name=name)
    check_column_names(table.column_names, name=name)
    return _exact(table, name=name)


def is_a(data: object, kind: str) -> bool:
    """Whether `data` is of a class ``library.Class``, or of one made from it; the library is not imported."""
    library, _, name = kind.partition(".")
    bases = type(data).__mro__
    return any(base.__name__ == name and base.__module__.partition(".")[0] == library for base in bases)


def gives_rows(data: object) -> bool:
    """Whether `data` is a stream of rows (the Arrow PyCapsule interface); of single values it is no table."""
    kind = type(data).__name__
    return hasattr(data, "__arrow_c_stream__") and "Series" not in kind and "Array" not in kind


def no_table(data: Any, *, name: str) -> LakeError:
    """Return the error for data that is no table: what was found, and how to make a table of it."""
    fixes = {
        "dict": "Make it one: `pd.DataFrame(data)`, or `pd.DataFrame([data])` for a single row.",
        "list": "Make it one: `pd.DataFrame(data)`, with `columns=[...]` for rows without names.",
        "tuple": "Make it one: `pd.DataFrame(list(data))`.",
        "Series": "Make it one: `series.to_frame('name')`.",
        "ndarray": "Make it one: `pd.DataFrame(array, columns=[...])`.",
        "NoneType": "Did a function that changes its argument, or a print, come before it?",
    }
    found = type(data)
    full = found.__name__ if found.__module__ == "builtins" else f"{found.__module__}.{found.__qualname__}"
    fix = fixes.get(found.__name__, "Make it a DataFrame first.")
    return LakeError(
        f"Table {name!r}: found {full}, which is no table. Expected a pandas or Polars DataFrame, an Arrow "
        f"table or a DuckDB relation. {fix}"
    )


def _exact(table: pa.Table, *, name: str) -> pa.Table:
    """Note the categories of each category column, and check that every type can be kept."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        try:
            stored_type(field.type)
        except NotKept as reason:
            raise LakeError(
                f"Table {name!r}, column {field.name!r}: found {type_name(field.type)}, which the lake cannot "
                f"keep. {reason.fix}"
            ) from None
        if pa.types.is_dictionary(field.type):
            values = _one_dictionary(table.column(place))
            listed = values.chunk(0).dictionary if values.num_chunks else pa.array([], field.type.value_type)
            table = table.set_column(place, with_categories(field, listed), values)
    return table.replace_schema_metadata(None)


def _one_dictionary(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column with one dictionary for all chunks, free of nulls and repetitions."""
    import pyarrow as pa

    found = [chunk.dictionary for chunk in values.chunks]
    listed = pa.chunked_array(found, values.type.value_type).unique().drop_null()
    if all(dictionary.equals(listed) for dictionary in found):
        return values
    return pa.chunked_array([recode(chunk, values.type, listed) for chunk in values.chunks], values.type)


# ---- Polars


def _from_polars(frame: Any, *, name: str) -> pa.Table:
    import polars as pl
    import pyarrow as pa

    for column, dtype in frame.schema.items():
        if dtype == pl.Object:  # Arrow would get the addresses of the objects
            raise LakeError(
                f"Table {name!r}, column {column!r}: found Python objects (pl.Object), which the lake cannot "
                "keep. Make them numbers, text or a list."
            )
    try:
        return frame.to_arrow()
    except pa.ArrowInvalid as error:
        raise LakeError(
            f"Table {name!r}: a column of this Polars frame has no Arrow type ({error}). "
            f"Found {dict(frame.schema)}. Cast it, for example Int128 to Int64."
        ) from error
