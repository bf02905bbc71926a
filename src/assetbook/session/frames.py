"""How results look to people: the size of a table in words, its first rows, a check's mark."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import isfinite, isnan
from typing import Any

from assetbook.lake.incoming import gives_rows, is_a
from assetbook.schema import MASK
from assetbook.words import counted

CELL_WIDTH = 40
VALUE = "value"  # the column of a series without a name
COLUMNS_SHOWN = 30
_NOTHING = {"NaTType", "NAType"}  # what pandas has for a value that is missing


def at_rest(data: Any) -> Any:
    """Return a table that can be read several times: what is lazy or a stream is computed once, here.

    What is no table is returned as it is; saving it is refused where tables are known.
    """
    if is_a(data, "polars.LazyFrame"):
        return data.collect()
    if is_a(data, "pandas.Series"):  # what a groupby of one column gives: a table of one column
        return data.to_frame(VALUE if data.name is None else data.name)
    if any(is_a(data, kind) for kind in ("pandas.DataFrame", "polars.DataFrame", "pyarrow.Table")):
        return data
    if not gives_rows(data):
        return data
    import pyarrow as pa

    return pa.RecordBatchReader.from_stream(data).read_all()


def size(data: Any) -> str:
    """Return rows and columns in words."""
    rows, columns = data.shape
    return f"{counted(rows, 'row')} × {counted(columns, 'column')}"  # noqa: RUF001 - the sign is meant


def mark(check: str, *, passed: bool) -> str:
    """Return the line that says how a check went."""
    return f"{'✓' if passed else '✗'} {check}"


def preview(data: Any, *, rows: int = 5, hidden: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return the first rows of a table as JSON has them: long texts cut, of very many columns the first.

    Args:
        data: the table.
        rows: how many.
        hidden: columns whose values are nobody's business.
    """
    head = _head(data, rows)
    shown = [name for name in head if str(name)][:COLUMNS_SHOWN]
    return [
        {name: MASK if name in hidden else _cell(value) for name, value in zip(shown, row, strict=True)}
        for row in zip(*(head[name] for name in shown), strict=True)
    ]


def _head(data: Any, rows: int) -> dict[str, Sequence[Any]]:
    """Return the first rows by column, with Python values."""
    if is_a(data, "pandas.DataFrame"):
        head = data.head(rows)
        if any(name is not None for name in head.index.names):  # the lake keeps a named index as columns
            head = head.reset_index()
        return {str(name): head[name].tolist() for name in head.columns}
    if is_a(data, "polars.DataFrame"):
        return dict(data.head(rows).to_dict(as_series=False))
    return dict(data.slice(0, rows).to_pydict())


def _cell(value: object) -> Any:
    if isinstance(value, bool | int):
        return value
    if value is None or type(value).__name__ in _NOTHING:
        return None
    if isinstance(value, float):
        return float(f"{value:.6g}") if isfinite(value) else None if isnan(value) else str(value)
    text = " ".join(str(value).split())
    return text if len(text) <= CELL_WIDTH else text[: CELL_WIDTH - 1] + "…"
