"""SQL over the lake: a DuckDB view for each table that a query names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assetbook.errors import ContractError, LakeError, did_you_mean
from assetbook.lake.columns import schema_from_text
from assetbook.lake.files import dataset

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from assetbook.lake.storage import Storage
    from assetbook.lake.tables import TableVersion

_PATTERN = frozenset("*?[")  # DuckDB would take a path with one of these for a pattern
_UNKNOWN = re.compile(r"Table with name (\S+) does not exist")

Find = Callable[[str], "TableVersion | None"]


def query(
    sql: str,
    *,
    storage: Storage,
    find: Find,
    known: Callable[[], Sequence[str]],
    frames: Mapping[str, Any] | None = None,
    connection: DuckDBPyConnection | None = None,
    params: Sequence[Any] | Mapping[str, Any] | None = None,
) -> DuckDBPyRelation:
    """Return the relation that a SELECT gives over tables of the lake; see `Lake.query`.

    Args:
        sql: DuckDB SQL.
        storage: where the lake is.
        find: gives the version of a table by its name in the query; None for a name that the lake lacks.
        known: gives the names of all tables, for messages.
        frames: data frames by name; they go before tables of the same name.
        connection: where to run.
        params: values for ``?`` or ``$name``.

    Raises:
        LakeError: what DuckDB says of the query, and for an unknown table the ones that exist.
    """
    import duckdb

    frames = frames or {}
    text, names = _tables_in(sql, frames=frames, known=known)
    connection = connection or _connect()
    try:
        for name, frame in frames.items():
            connection.register(name, frame)
        for name in names:
            table = find(name)
            if table is not None:
                create_view(connection, name, table, storage=storage)
        found = connection.sql(text, params=params)
    except duckdb.Error as error:
        raise _failed(error, known=[*known(), *frames]) from error
    if found is None:
        raise LakeError(f"SQL: this statement gives no rows. Expected a SELECT; found: {sql.strip()[:200]}")
    return found


def relation(
    table: TableVersion, *, columns: Sequence[str] | None, limit: int | None, storage: Storage
) -> DuckDBPyRelation:
    """Return a table as a relation, which reads from the files what is asked of it."""
    connection = _connect()
    create_view(connection, table.name, table, storage=storage)
    chosen = "*" if columns is None else ", ".join(map(_quoted, columns))
    found = connection.sql(f"SELECT {chosen} FROM {_quoted(table.name)}")
    return found if limit is None else found.limit(limit)


def _tables_in(
    sql: str, *, frames: Mapping[str, Any], known: Callable[[], Sequence[str]]
) -> tuple[str, list[str]]:
    """Return the query with ``flights@3`` quoted, and the names of the tables in it as they then stand there."""
    from assetbook.contract.sqltables import count_statements, lists_tables, quote_versions, references_in

    try:
        text = quote_versions(sql)
        found = references_in(text, frames=frames)
        every = known() if lists_tables(text) else ()
        statements = count_statements(text)
    except ContractError as error:
        raise LakeError(f"SQL: {error}.") from error
    if statements > 1:
        raise LakeError(
            f"SQL: there are {statements} statements, and one answer. Give one query, or ask twice."
        )
    if every:
        return text, list(every)
    return text, [each.name if each.version is None else f"{each.name}@{each.version}" for each in found]


def _connect() -> DuckDBPyConnection:
    import duckdb

    # Without this, an unknown table could turn out to be a Python variable that happens to have its name.
    return duckdb.connect(config={"python_enable_replacements": False})


def _failed(error: Exception, *, known: Sequence[str]) -> LakeError:
    unknown = _UNKNOWN.search(str(error))
    if unknown:
        return LakeError(f"SQL: there is no table {unknown[1]!r}. {did_you_mean(unknown[1], known)}")
    return LakeError(f"SQL: {error}")


def create_view(connection: DuckDBPyConnection, name: str, table: TableVersion, *, storage: Storage) -> None:
    """Create a temporary view of a table version, with the SQL types that its columns mean."""
    exact = schema_from_text(table.schema)
    columns = ", ".join(f"{_sql_value(field)} AS {_quoted(field.name)}" for field in exact)
    source = _source(connection, name, table, exact, storage=storage)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {_quoted(name)} AS SELECT {columns} FROM {source}")


def _source(
    connection: DuckDBPyConnection, name: str, table: TableVersion, exact: pa.Schema, *, storage: Storage
) -> str:
    patterns = any(_PATTERN & set(file) for file in table.files)
    if table.files and storage.local and not patterns:
        files = ", ".join("'" + file.replace("'", "''") + "'" for file in table.files)
        return f"read_parquet([{files}], union_by_name=true, hive_partitioning=false)"
    # Through the lake's own file system: for an object store DuckDB then needs neither extension nor keys.
    source = f"files of {name}"
    connection.register(source, dataset(storage, table.files, exact))
    return _quoted(source)


def _sql_value(field: pa.Field) -> str:
    """Return the SQL that turns a stored column into what it means."""
    import pyarrow as pa

    name, exact, is_ = _quoted(field.name), field.type, pa.types
    if is_.is_time(exact) or is_.is_duration(exact):
        scale = {"s": "* 1000000", "ms": "* 1000", "us": "", "ns": "// 1000"}[exact.unit]
        interval = f"to_microseconds(CAST({name} AS BIGINT) {scale})"
        return f"TIME '00:00:00' + {interval}" if is_.is_time(exact) else interval
    unsigned = {"uint8": "UTINYINT", "uint16": "USMALLINT", "uint32": "UINTEGER", "uint64": "UBIGINT"}
    return f"CAST({name} AS {unsigned[str(exact)]})" if str(exact) in unsigned else name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
