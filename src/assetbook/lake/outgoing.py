"""A table of exact types, in the form that somebody asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from assetbook.lake.columns import INDEX, PANDAS

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from duckdb import DuckDBPyRelation

Form = Literal["pandas", "polars", "arrow", "relation"]
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

    frame = pl.from_arrow(to_arrow(table))
    assert isinstance(frame, pl.DataFrame)
    return frame


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return the table as a pandas frame, with the dtypes and the named index that were saved."""
    notes = {field.name: (field.metadata or {}).get(PANDAS, b"").decode() for field in table.schema}
    plain = [name for name, note in notes.items() if note in ("", "nan")]
    frame: pd.DataFrame = to_arrow(table.select(plain)).to_pandas()
    for place, field in enumerate(table.schema):
        values, note = table.column(place), notes[field.name]
        if note == "nan":
            present = values.is_valid().to_numpy(zero_copy_only=False)
            frame[field.name] = frame[field.name].where(present, float("nan"))
        elif note:
            frame.insert(place, field.name, _restored(values, note=note))
    levels = {int(f.metadata[INDEX]): f.name for f in table.schema if f.metadata and INDEX in f.metadata}
    if levels and sorted(levels) == list(range(len(levels))):
        frame = frame.set_index([levels[place] for place in sorted(levels)])
    return frame


def _restored(values: pa.ChunkedArray, *, note: str) -> Any:
    import pandas as pd

    if note == "objects":
        return pd.Series(values.to_pylist(), dtype=object)
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
    offset = datetime(2000, 1, 1, tzinfo=UTC).astimezone(series.dt.tz).utcoffset()
    return series if offset is None else series.dt.tz_convert(timezone(offset))


def convert(table: pa.Table, form: Form) -> Any:
    """Return the table in the form that somebody asks for."""
    if form == "pandas":
        return to_pandas(table)
    if form == "polars":
        return to_polars(table)
    return to_arrow(table) if form == "arrow" else to_relation(table)


def to_relation(table: pa.Table) -> DuckDBPyRelation:
    """Return the table as a DuckDB relation, on a connection of its own."""
    import duckdb

    return duckdb.connect().from_arrow(to_arrow(table))
