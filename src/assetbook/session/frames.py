"""How results look to people: the size of a table in words, its first rows in Markdown, a check's mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from assetbook.lake.incoming import gives_rows, is_a

CELL_WIDTH = 40
COLUMNS_SHOWN = 30


def at_rest(data: Any) -> Any:
    """Return a table that can be read several times: what is lazy or a stream is computed once, here.

    What is no table is returned as it is; saving it is refused where tables are known.
    """
    if is_a(data, "polars.LazyFrame"):
        return data.collect()
    if any(is_a(data, kind) for kind in ("pandas.DataFrame", "polars.DataFrame", "pyarrow.Table")):
        return data
    if not gives_rows(data):
        return data
    import pyarrow as pa

    return pa.RecordBatchReader.from_stream(data).read_all()


def size(data: Any) -> str:
    """Return rows and columns in words."""
    rows, columns = data.shape
    return f"{count(rows, 'row')} × {count(columns, 'column')}"  # noqa: RUF001 - the sign is meant


def count(number: int, noun: str) -> str:
    """Return ``1 row`` or ``2,000 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def mark(check: str, *, passed: bool) -> str:
    """Return the line that says how a check went."""
    return f"{'✓' if passed else '✗'} {check}"


def preview(data: Any, *, rows: int = 5) -> str:
    """Return the first rows of a table as a Markdown table, long cells cut, surplus columns counted."""
    head = _head(data, rows)
    shown = list(head)[:COLUMNS_SHOWN]
    lines = [_line(map(_cell, shown)), _line("---" for _ in shown)]
    lines += [_line(map(_cell, row)) for row in zip(*(head[name] for name in shown), strict=True)]
    if hidden := len(head) - len(shown):
        lines.append(f"\n… and {count(hidden, 'more column')}")
    return "\n".join(lines)


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


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(value: object) -> str:
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= CELL_WIDTH else text[: CELL_WIDTH - 1] + "…"
