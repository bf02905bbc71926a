"""Some rows of large tables, always the same ones, that can still be joined with each other.

Rows are chosen by the hash of a column that two tables share. Each takes those with the smallest hashes, so what the
one with fewer of them takes, the other has too: "universe sampling" (Kandula et al. 2016). A table without such a
column gives rows by the hash of their place. The order of rows stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

    from assetbook.lake import Lake, TableVersion

WHOLE = 10  # a table of at most so many times the wanted rows is taken whole
LARGEST = 1_000_000  # rows of a table that are looked at
DISTINCT = 20  # values that a column must have in common with another table's to choose rows by it
FEWEST = 20  # rows of each partition, if it has as many


@dataclass(frozen=True)
class Rows:
    """Rows of a table of the lake.

    Attributes:
        name: of the table.
        parts: partition key to its rows; the only key is None where the table has no partitions.
        total: how many rows there are in these partitions.
        by: the column that they were chosen by.
    """

    name: str
    parts: Mapping[str | None, pa.Table] = field(repr=False)
    total: int
    by: str | None = None

    @property
    def count(self) -> int:
        """How many rows these are."""
        return sum(part.num_rows for part in self.parts.values())

    @property
    def column_types(self) -> dict[str, str]:
        """The columns by which rows can be chosen, with their types."""
        schema = next(iter(self.parts.values())).schema
        return {field.name: str(field.type) for field in schema if _is_key(field.type)}

    def hashes(self, column: str) -> list[Any]:
        """Return the hash of each value of a column, a list for each partition; a missing one is chosen last."""
        return [_hashed(part.column(column)) for part in self.parts.values()]


def read_rows(lake: Lake, table: TableVersion, *, keys: Iterable[str] | None) -> Rows:
    """Read a table, or some of its partitions; of a very large one only the beginning."""
    chosen: list[str | None] = [None] if keys is None else [key for key in keys if key in table.partitions]
    limit = LARGEST // max(len(chosen), 1)
    parts = {key: exact(lake, table, partition=key, limit=limit) for key in chosen}
    return Rows(table.name, parts, total=sum(part.num_rows for part in parts.values()))


def exact(
    lake: Lake, table: TableVersion, *, partition: str | None = None, limit: int | None = None
) -> pa.Table:
    """Return rows of a table with all that its columns are known to be in pandas: index, dtypes, categories."""
    import pyarrow as pa

    from assetbook.lake.columns import schema_from_text

    found = lake.read(table, partition=partition, limit=limit, as_="arrow")
    return pa.table(found.columns, schema=schema_from_text(table.schema))


def sample(tables: Iterable[Rows], *, rows: int, seed: int = 0) -> dict[str, Rows]:
    """Return about `rows` rows of each table, or partition of one, that is much larger; the others whole.

    Args:
        tables: what one notebook reads.
        rows: how many of each.
        seed: another one chooses other rows of those that are chosen by their place.
    """
    found = {table.name: table for table in tables}
    large = {
        name: table for name, table in found.items() if table.count > max(WHOLE, len(table.parts)) * rows
    }
    shared = _shared_columns(large)
    for name, table in large.items():
        column = shared.get(name)
        wanted = rows * len(table.parts)
        found[name] = _by_column(table, column, wanted) if column else _by_place(table, wanted, seed)
    return found


def _shared_columns(tables: Mapping[str, Rows]) -> dict[str, str]:
    """Return for each table the column to choose its rows by, the same for tables that are likely to be joined."""
    common = []
    for one, other in combinations(tables.values(), 2):
        there = other.column_types
        for column, kind in one.column_types.items():
            if there.get(column) == kind:
                first, second = (np.unique(np.concatenate(table.hashes(column))) for table in (one, other))
                common.append((len(np.intersect1d(first, second)), column, one.name, other.name))
    chosen: dict[str, str] = {}
    for count, column, one_name, other_name in sorted(common, key=lambda each: (-each[0], *each[1:])):
        fits = {chosen.get(one_name, column), chosen.get(other_name, column)} == {column}
        if count >= DISTINCT and fits:
            chosen[one_name] = chosen[other_name] = column
    return chosen


def _by_column(table: Rows, column: str, rows: int) -> Rows:
    hashes = table.hashes(column)
    together = np.concatenate(hashes)
    limit = np.sort(together, kind="stable")[rows - 1]
    parts = {
        key: part.filter(_mask(own <= limit))
        for (key, part), own in zip(table.parts.items(), hashes, strict=True)
    }
    found = replace(table, parts=parts, by=column)
    # one value may stand in very many rows
    return found if found.count <= WHOLE * rows else replace(_by_place(found, rows, 0), by=column)


def _by_place(table: Rows, rows: int, seed: int) -> Rows:
    parts = {}
    for key, part in table.parts.items():
        share = min(part.num_rows, max(round(rows * part.num_rows / table.count), FEWEST))
        places = np.arange(part.num_rows, dtype="uint64") + np.uint64(seed * LARGEST)
        order = np.argsort(pd.util.hash_array(places), kind="stable")
        parts[key] = part.take(np.sort(order[:share]))
    return replace(table, parts=parts)


def _mask(chosen: Any) -> pa.Array:
    import pyarrow as pa

    return pa.array(chosen)


def _is_key(kind: pa.DataType) -> bool:
    import pyarrow.types as types

    if types.is_dictionary(kind):
        kind = kind.value_type
    tests = (types.is_integer, types.is_string, types.is_large_string, types.is_date, types.is_timestamp)
    return any(test(kind) for test in tests)


def _hashed(column: pa.ChunkedArray) -> Any:
    missing = column.is_null().to_numpy()
    return np.where(missing, np.iinfo("uint64").max, pd.util.hash_array(_plain(column)))


def _plain(column: pa.ChunkedArray) -> Any:
    """Return a column as `hash_array` takes it: of one type wherever it comes from."""
    import pyarrow.types as types

    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if types.is_integer(column.type):
        return column.fill_null(-1).to_numpy().astype("int64")
    if types.is_date(column.type):
        column = column.cast("timestamp[ms]")
    if types.is_timestamp(column.type):
        return column.cast("int64").fill_null(-1).to_numpy()
    return column.fill_null("").to_numpy().astype(object)
