"""Which columns a partition may leave out: those that its code no longer makes.

A column that is missing from one partition is an accident as long as the same code made it in another. Once
the code has changed it is meant: the other partitions keep the column until they are made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from assetbook.lake.snapshot import Snapshot, history

if TYPE_CHECKING:
    import pyarrow as pa

    from assetbook.lake.files import DataFile

CODE_VERSION = "code_version"  # key of the stamp


def outgrown(
    before: Snapshot, others: Iterable[DataFile], partition: pa.Schema, *, stamp: Mapping[str, str]
) -> tuple[pa.Schema, frozenset[str]]:
    """Return the schema that a new partition must go with, and the columns of it that it may lack.

    Args:
        before: the table as it is.
        others: the files of the partitions that stay.
        partition: the exact schema of the new partition.
        stamp: what the new partition's commit says of itself; without a code version nothing may be lacking.
    """
    import pyarrow as pa

    missing = [name for name in before.schema.names if name not in partition.names]
    code = stamp.get(CODE_VERSION)
    if not missing or code is None:
        return before.schema, frozenset()
    made_by = _code_versions(before)
    holders: dict[str, set[str | None]] = {name: set() for name in missing}
    for file in others:
        for name in set(missing) & set(_columns(before, file)):
            holders[name].add(made_by.get(file.partition))
    gone = {name for name, codes in holders.items() if not codes}
    optional = frozenset(name for name, codes in holders.items() if codes and code not in codes)
    return pa.schema([field for field in before.schema if field.name not in gone]), optional


def _code_versions(table: Snapshot) -> dict[str | None, str | None]:
    """Return the code version that made each partition as it is now."""
    latest: dict[str | None, str | None] = {}
    for commit in history(table.delta):
        latest.setdefault(commit["partition"], commit["stamp"].get(CODE_VERSION))
    return latest


def _columns(before: Snapshot, file: DataFile) -> list[str]:
    import pyarrow.parquet as pq

    storage = before.storage
    with storage.filesystem.open_input_file(storage.path(f"{before.location}/{file.path}")) as stream:
        return list(pq.read_schema(stream).names)
