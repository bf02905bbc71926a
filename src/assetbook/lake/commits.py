"""One commit to one Delta table: what it replaces, what must be rewritten for it, how it is tried again."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assetbook.errors import LakeError
from assetbook.lake.columns import PARTITION, schema_from_text, to_delta
from assetbook.lake.evolution import outgrown
from assetbook.lake.files import DataFile, rewrite_file
from assetbook.lake.merging import merge, same_storage
from assetbook.lake.snapshot import Snapshot, commit_notes

if TYPE_CHECKING:
    import pyarrow as pa

    from assetbook.lake.storage import Storage
    from assetbook.lake.tables import StagedTable

_ATTEMPTS = 50  # of N writers at once, each round lets at least one through
_CONFIGURATION = {  # Delta's own defaults forget after 30 days; a model must be reproducible for years
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 3650 days",
}


@dataclass(frozen=True)
class Commit:
    """What one commit has done, as far as it takes to undo it.

    Attributes:
        staged: what was published.
        before: the snapshot that it followed; None for a new table.
        after: the snapshot that it made; `before` itself where the table had that content already.
    """

    staged: StagedTable
    before: Snapshot | None
    after: Snapshot

    @property
    def changed(self) -> bool:
        """Whether there is a new version."""
        return self.after is not self.before


@dataclass(frozen=True)
class _Change:
    """What the table shall consist of after the commit.

    ``only`` is the one partition that is replaced; None replaces all files. ``written`` are files made for this
    commit, to delete if it fails.
    """

    schema: pa.Schema
    files: tuple[DataFile, ...]
    only: str | None = None
    written: tuple[DataFile, ...] = field(default=())


def commit(storage: Storage, location: str, staged: StagedTable, *, stamp: Mapping[str, str]) -> Commit:
    """Commit a staged file to the table at `location`; the same content again is no new version.

    Where another writer was quicker, the table is read again and the commit tried again: the last writer wins.

    Raises:
        LakeError: the file does not go with the table, or Delta cannot write.
    """
    from deltalake.exceptions import DeltaError

    for _ in range(_ATTEMPTS):
        before = Snapshot.open(storage, location)
        if before is not None and _is_current(before, staged):
            return Commit(staged, before, before)
        change = _plan(storage, location, before, staged, stamp=stamp)
        try:
            applied = _apply(storage, location, before, change, staged, stamp=stamp)
        except (DeltaError, OSError) as error:
            applied = False
            _clean(storage, location, change)
            if isinstance(error, OSError) or not _overtaken(storage, location, before):
                raise LakeError(
                    f"Table {staged.name!r} at {storage.uri(location)} could not be committed: {error}. "
                    "Check that the folder can be written and that the disk is not full, then run again."
                ) from error
        after = Snapshot.open(storage, location)
        if applied and after is not None:
            return Commit(staged, before, after)
        _clean(storage, location, change)
    raise LakeError(
        f"Table {staged.name!r}: {_ATTEMPTS} attempts to commit were each overtaken by another writer. "
        "Run again when fewer runs write to this table."
    )


def _clean(storage: Storage, location: str, change: _Change) -> None:
    for file in change.written:
        storage.delete(f"{location}/{file.path}")


def _is_current(snapshot: Snapshot, staged: StagedTable) -> bool:
    """Whether the table has this very content already, and its files are still there."""
    if snapshot.partitioned != (staged.partition is not None):
        return False
    if snapshot.data_version(staged.partition) != staged.data_version:
        return False
    files = snapshot.files if staged.partition is None else snapshot.partitions[staged.partition]
    return all(snapshot.storage.exists(f"{snapshot.location}/{file.path}") for file in files)


def _overtaken(storage: Storage, location: str, before: Snapshot | None) -> bool:
    now = Snapshot.open(storage, location)
    return now is not None and (before is None or now.version != before.version)


def _plan(
    storage: Storage,
    location: str,
    before: Snapshot | None,
    staged: StagedTable,
    *,
    stamp: Mapping[str, str],
) -> _Change:
    """Decide which files the table consists of after `staged`, and widen those that must be."""
    schema = schema_from_text(staged.schema)
    file = DataFile(staged.file, staged.size, staged.rows, staged.partition)
    others = _others(before, staged)
    if before is None or not others:
        return _Change(schema, (file,))
    assert staged.partition is not None
    table, optional = outgrown(before, others, schema, stamp=stamp)
    merged = merge(table, schema, name=staged.name, key=staged.partition, optional=optional)
    run_id = stamp.get("run_id", "")

    def widen(old: DataFile, exact: pa.Schema) -> DataFile:
        return rewrite_file(storage, location, old, exact=exact, to=merged, name=staged.name, run_id=run_id)

    written: list[DataFile] = []
    if not same_storage(schema, merged):
        file = widen(file, schema)
        written.append(file)
    if same_storage(table, merged):
        return _Change(merged, (file,), only=staged.partition, written=tuple(written))
    written += [widen(other, table) for other in others]
    return _Change(merged, tuple({file, *written}), written=tuple(written))


def _others(before: Snapshot | None, staged: StagedTable) -> list[DataFile]:
    """Return the files of the other partitions, which stay."""
    if before is None or staged.partition is None or not before.partitioned:
        return []
    return [file for file in before.files if file.partition != staged.partition]


def _lacks_timestamps(before: Snapshot, schema: pa.Schema) -> bool:
    """Whether `schema` has timestamps without a zone, and the table not yet the Delta feature for them.

    Delta turns it on by itself only for a new table; a commit without it makes the table unreadable.
    """
    if "timestampNtz" in (before.delta.protocol().reader_features or ()):
        return False
    return "timestamp_ntz" in to_delta(schema, partitioned=False).to_json()


def _apply(
    storage: Storage,
    location: str,
    before: Snapshot | None,
    change: _Change,
    staged: StagedTable,
    *,
    stamp: Mapping[str, str],
) -> bool:
    """Commit a change; False where the table had to be prepared for it, and must be looked at again."""
    from deltalake import TableFeatures
    from deltalake.transaction import create_table_with_add_actions

    if before is not None and _lacks_timestamps(before, change.schema):
        feature = TableFeatures.TimestampWithoutTimezone
        before.delta.alter.add_feature(feature, allow_protocol_versions_increase=True)
        return False
    partitioned = staged.partition is not None
    schema = to_delta(change.schema, partitioned=partitioned)
    notes = commit_notes(stamp, version=staged.data_version, partition=staged.partition, rows=staged.rows)
    if before is not None and before.partitioned == partitioned:
        replace_files(before, change.files, schema=schema, only=change.only, notes=notes)
        return True
    create_table_with_add_actions(
        storage.uri(location),
        schema,
        _adds(change.files),
        mode="error" if before is None else "overwrite",  # overwrite: between partitioned and not
        partition_by=[PARTITION] if partitioned else [],
        configuration=_CONFIGURATION,
        storage_options=dict(storage.options) or None,
        commit_properties=_properties(notes),
        post_commithook_properties=_hooks(),
    )
    return True


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
        commit_properties=_properties(notes),
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


def _properties(notes: Mapping[str, str]) -> Any:
    from deltalake import CommitProperties

    # No retries of Delta's own: it would keep a plan that was made for an older version of the table.
    return CommitProperties(custom_metadata=dict(notes), max_commit_retries=0)


def _hooks() -> Any:
    from deltalake import PostCommitHookProperties

    return PostCommitHookProperties(cleanup_expired_logs=False)


def undo(done: Commit, *, stamp: Mapping[str, str]) -> None:
    """Take a commit back: the table, or the partition, is again what it was before.

    What another writer has committed since stays.
    """
    if not done.changed:
        return
    before, after = done.before, done.after
    storage, location = after.storage, after.location
    now = Snapshot.open(storage, location)
    key = done.staged.partition
    notes = commit_notes(stamp, version="", partition=key, rows=0) | {"undone": str(after.version)}
    if now is None or now.data_version(key) != done.staged.data_version:
        return  # somebody has replaced it already
    if before is None and now.version == after.version:
        storage.delete_folder(f"{location}/_delta_log")
    elif now.version == after.version:
        assert before is not None
        now.delta.restore(before.version, commit_properties=_properties(notes))
    elif key is not None:
        files = [] if before is None else before.partitions.get(key, [])
        replace_files(now, files, schema=now.delta.schema(), only=key, notes=notes)
