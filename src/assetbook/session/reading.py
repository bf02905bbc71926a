"""Reading tables and queries from the lake: what a run and Jupyter do alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from assetbook.errors import ContractError, SessionError, did_you_mean
from assetbook.session.frames import size
from assetbook.session.protocol import Params, Partition

if TYPE_CHECKING:
    from assetbook.contract.sqltables import TableReference
    from assetbook.lake import Form, Lake, TableVersion


def read_table(
    lake: Lake,
    table: TableVersion,
    *,
    columns: Sequence[str] | None,
    partition: Partition,
    as_: Form,
    source: str = "lake",
) -> Any:
    """Read one version of a table, or some of its partitions, and print what was read from which source."""
    partition = partition_key(table, partition)
    data = lake.read(table, columns=columns, partition=partition, as_=as_)
    keys = [partition] if isinstance(partition, str) else partition or ()
    where = f" [{', '.join(keys)}]" if keys else ""
    print(f"{table.name}{where}: {size(data)}, {source} version {table.version} of {_local(table.timestamp)}")
    return data


def partition_key(table: TableVersion, partition: Partition) -> str | Sequence[str] | None:
    """Return the table's key for a date: ``2013-03`` of a table by month; anything else as it is."""
    if not isinstance(partition, date):
        return partition
    from assetbook.contract.partitions import KEY_FORMATS

    keys = [partition.strftime(form) for form in KEY_FORMATS.values()]
    return next((key for key in keys if key in table.partitions), partition.isoformat())


def run_query(
    lake: Lake,
    query: str,
    *,
    pinned: Callable[[str], TableVersion],
    params: Params | None,
    frames: Mapping[str, Any] | None,
    as_: Form,
) -> tuple[Any, list[TableVersion]]:
    """Run a query over fixed versions of tables; print what it read.

    Args:
        lake: where the tables are.
        query: the SQL; ``flights@3`` in it is that version of the table.
        pinned: gives the version to read of a table that the query names without one.
        params: values for the placeholders of the query.
        frames: local frames by name.
        as_: the form of the result.

    Returns:
        The result, and the table versions that it came from.
    """
    from assetbook.lake.outgoing import FORMS, convert

    if as_ not in FORMS:
        raise SessionError(f"sql(…, as_={as_!r}): there is no such form. {did_you_mean(str(as_), FORMS)}")
    tables = {}
    for reference in _references(query, frames or {}):
        current = pinned(reference.name)
        if reference.version is None:
            tables[reference.name] = current
        else:
            tables[f"{reference.name}@{reference.version}"] = lake.version(reference.name, reference.version)
    relation = lake.query(query, tables=tables, frames=frames, params=params)
    result = relation if as_ == "relation" else convert(relation.to_arrow_table(), as_)
    read = ", ".join(f"{table.name} version {table.version}" for table in tables.values())
    # the size of a relation could only be told by running the whole query
    found = "a relation" if as_ == "relation" else size(result)
    print(f"sql: {found}" + (f", from {read}" if read else ""))
    return result, list(tables.values())


def shadowed(name: str) -> SessionError:
    """Return the error for a local frame that hides an asset."""
    return SessionError(f"sql(…, frames=…): {name!r} is also an asset. Give the frame another name.")


def _references(query: object, frames: Mapping[str, Any]) -> tuple[TableReference, ...]:
    if not isinstance(query, str):
        raise SessionError(f"sql(…): the query must be a text, found {type(query).__name__}.")
    from assetbook.contract.sqltables import references_in

    try:
        return references_in(query, frames=frames)
    except ContractError as error:
        raise SessionError(f"sql(…): {error}.") from None


def _local(timestamp: str) -> str:
    """Return an ISO time in UTC as the reader's wall clock shows it."""
    return f"{datetime.fromisoformat(timestamp).astimezone():%Y-%m-%d %H:%M}"
