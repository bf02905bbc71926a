"""A table of exact types, in the form that somebody asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from assetbook.errors import LakeError
from assetbook.lake import objects
from assetbook.lake.columns import INDEX, PANDAS, categories

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

FrameForm = Literal["pandas", "polars", "arrow"]
Form = FrameForm | Literal["relation"]
_EXACT_IN_FLOAT = 2**53
CATEGORY = "category"  # in front of the note on the categories of a column
FORMS: tuple[Form, ...] = ("pandas", "polars", "arrow", "relation")


def to_arrow(table: pa.Table) -> pa.Table:
    """Return the table without the lake's own notes."""
    import pyarrow as pa

    fields = []
    for field in table.schema:
        rest = {k: v for k, v in (field.metadata or {}).items() if not k.startswith(b"assetbook.")}
        fields.append(field.with_metadata(rest or None))
    return pa.table(table.columns, schema=pa.schema(fields))


def to_polars(table: pa.Table) -> pl.DataFrame:
    """Return the table as a Polars frame."""
    import polars as pl
    import pyarrow as pa

    columns = [_for_polars(values) for values in table.columns]
    named = to_arrow(table).schema
    fields = [field.with_type(values.type) for field, values in zip(named, columns, strict=True)]
    try:
        frame = pl.from_arrow(pa.table(columns, schema=pa.schema(fields)))
    except pl.exceptions.PolarsError as error:
        raise _unknown("polars", error) from error
    assert isinstance(frame, pl.DataFrame)
    return frame


def _for_polars(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column in a type that Polars knows: zones by name only, decimals of 128 bits."""
    import pyarrow as pa

    exact = values.type
    if pa.types.is_timestamp(exact) and (exact.tz or "").startswith(("+", "-")):
        return values.cast(pa.timestamp(exact.unit, "UTC"))
    if pa.types.is_decimal256(exact):
        return values.cast(pa.decimal128(exact.precision, exact.scale))
    return values


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return the table as a pandas frame, with the dtypes and the named index that were saved."""
    import pyarrow as pa

    try:
        frame = restored(table)
    except (pa.ArrowNotImplementedError, ValueError) as error:
        raise _unknown("pandas", error) from error
    levels = {int(f.metadata[INDEX]): f.name for f in table.schema if f.metadata and INDEX in f.metadata}
    if levels and sorted(levels) == list(range(len(levels))):
        frame = frame.set_index([levels[place] for place in sorted(levels)])
    return frame


def restored(table: pa.Table) -> pd.DataFrame:
    """Return the table as a pandas frame of the dtypes that were saved, all levels of the index as columns."""
    import pandas as pd
    import pyarrow as pa

    notes = {f.name: _note(f, values) for f, values in zip(table.schema, table.columns, strict=True)}
    # pandas makes of categories with a time zone some without: categories are always restored here
    own = {f.name: f for f in table.schema if notes[f.name] or pa.types.is_dictionary(f.type)}
    plain: pd.DataFrame = to_arrow(table.select([c for c in table.column_names if c not in own])).to_pandas()
    if not own:
        return plain
    columns = {name: _column(table.column(name), field, note=notes[name]) for name, field in own.items()}
    columns |= {name: plain[name] for name in plain}
    return pd.DataFrame({name: columns[name] for name in table.column_names}, copy=False)


def _note(field: pa.Field, values: pa.ChunkedArray) -> str:
    """Return the note on a column; one without that floats would round is read as nullable whole numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    note: str = (field.metadata or {}).get(PANDAS, b"").decode()
    nullable = {pa.int64(): "Int64", pa.uint64(): "UInt64"}.get(field.type)
    if note or not values.null_count or nullable is None:
        return note
    span = pc.min_max(values).as_py()
    within = span["min"] is None or (span["min"] >= -_EXACT_IN_FLOAT and span["max"] <= _EXACT_IN_FLOAT)
    return "" if within else nullable


def _column(values: pa.ChunkedArray, field: pa.Field, *, note: str) -> Any:
    import pyarrow as pa

    if pa.types.is_dictionary(field.type) and (not note or note.startswith(CATEGORY)):
        return _categorical(values, field, note=note.removeprefix(CATEGORY).lstrip())
    return _noted(values, note=note)


def _categorical(values: pa.ChunkedArray, field: pa.Field, *, note: str) -> pd.Categorical:
    import pandas as pd
    import pyarrow as pa

    listed = pa.chunked_array([values.chunk(0).dictionary if values.num_chunks else categories(field)])
    codes = pa.chunked_array([chunk.indices.cast(pa.int32()) for chunk in values.chunks], pa.int32())
    index = pd.Index(_noted(listed, note=note) if note else listed.to_pandas())
    return pd.Categorical.from_codes(codes.fill_null(-1).to_numpy(), index, ordered=field.type.ordered)


def _noted(values: pa.ChunkedArray, *, note: str) -> Any:
    words = note.split()
    if {objects.OBJECTS, objects.NAN, objects.NA, objects.NAT} & set(words):
        return objects.restored(values, notes=words)
    if note.startswith("tz:"):
        return _in_zone(values, source=note.removeprefix("tz:"))
    return _extension_dtype(note, values.type).__from_arrow__(values)


def _extension_dtype(note: str, exact: pa.DataType) -> Any:
    import numpy as np
    import pandas as pd

    if note == "arrow":
        return pd.ArrowDtype(exact)
    if note.startswith("str["):
        return pd.StringDtype(storage=note[4:-1], na_value=np.nan)
    return pd.api.types.pandas_dtype(note)


def _in_zone(values: pa.ChunkedArray, *, source: str) -> Any:
    from datetime import UTC, datetime, timezone
    from zoneinfo import ZoneInfo

    series = values.to_pandas()
    if source == "zoneinfo":
        return series.dt.tz_convert(ZoneInfo(values.type.tz))
    if source == "dateutil":
        return series.dt.tz_convert(f"dateutil/{values.type.tz}")
    offset = datetime(2000, 1, 1, tzinfo=UTC).astimezone(series.dt.tz).utcoffset()
    return series if offset is None else series.dt.tz_convert(timezone(offset))


def convert(table: pa.Table, form: FrameForm) -> Any:
    """Return the table in the form that somebody asks for.

    Raises:
        LakeError: it has a type that the form does not know.
    """
    forms = {"pandas": to_pandas, "polars": to_polars, "arrow": to_arrow}
    return forms[form](table)


def _unknown(form: Form, error: Exception) -> LakeError:
    return LakeError(f"This table has no form in {form}: {error}. Read it as 'arrow'.")
