"""What is asked of Delta itself: one commit that replaces files, or makes a table of them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assetbook.lake.columns import PARTITION, to_delta

if TYPE_CHECKING:
    import pyarrow as pa

    from assetbook.lake.files import DataFile
    from assetbook.lake.snapshot import Snapshot
    from assetbook.lake.storage import Storage

_CONFIGURATION = {  # Delta's own defaults forget after 30 days; a model must be reproducible for years
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 3650 days",
}


def replace_files(
    before: Snapshot, files: Sequence[DataFile], *, schema: Any, only: str | None, notes: Mapping[str, str]
) -> None:
    """Commit that the table, or one partition of it, consists of `files`."""
    before.delta.create_write_transaction(
        _adds(files),
        mode="overwrite",
        schema=schema,
        partition_by=[PARTITION] if before.partitioned else [],
        partition_filters=None if only is None else [(PARTITION, "=", only)],
        commit_properties=properties(notes),
        post_commithook_properties=_hooks(),
    )


def _adds(files: Sequence[DataFile]) -> list[Any]:
    from deltalake.transaction import AddAction

    now = int(time.time() * 1000)
    return [
        AddAction(
            path=file.path,
            size=file.size,
            partition_values={} if file.partition is None else {PARTITION: file.partition},
            modification_time=now,
            data_change=True,
            stats=json.dumps({"numRecords": file.rows}),
        )
        for file in files
    ]


def properties(notes: Mapping[str, str]) -> Any:
    """Return what a commit shall say of itself, and that Delta does not try it again."""
    from deltalake import CommitProperties

    # No retries of Delta's own: it would keep a plan that was made for an older version of the table.
    return CommitProperties(custom_metadata=dict(notes), max_commit_retries=0)


def _hooks() -> Any:
    from deltalake import PostCommitHookProperties

    return PostCommitHookProperties(cleanup_expired_logs=False)


def make_table(
    storage: Storage,
    location: str,
    files: Sequence[DataFile],
    *,
    schema: pa.Schema,
    partitioned: bool,
    anew: bool,
    notes: Mapping[str, str],
) -> None:
    """Commit a table of `files` where there is none yet, or in place of one that was not so partitioned."""
    from deltalake.transaction import create_table_with_add_actions

    create_table_with_add_actions(
        storage.uri(location),
        to_delta(schema, partitioned=partitioned),
        _adds(files),
        mode="error" if anew else "overwrite",
        partition_by=[PARTITION] if partitioned else [],
        configuration=_CONFIGURATION,
        storage_options=dict(storage.options) or None,
        commit_properties=properties(notes),
        post_commithook_properties=_hooks(),
    )


def prepare(table: Snapshot, schema: pa.Schema) -> bool:
    """Turn on the Delta feature that a schema asks of a table; return whether that was a commit of its own.

    Delta turns timestamps without a zone on by itself only for a new table; a commit without it makes the
    table unreadable.
    """
    from deltalake import TableFeatures

    on = "timestampNtz" in (table.delta.protocol().reader_features or ())
    if on or "timestamp_ntz" not in to_delta(schema, partitioned=False).to_json():
        return False
    feature = TableFeatures.TimestampWithoutTimezone
    table.delta.alter.add_feature(feature, allow_protocol_versions_increase=True)
    return True
