"""One commit to one Delta table: what it replaces, what must be rewritten for it, how it is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from assetbook.errors import LakeError
from assetbook.lake.columns import schema_from_text, to_delta
from assetbook.lake.evolution import outgrown
from assetbook.lake.files import DataFile, rewrite_file
from assetbook.lake.merging import merge, same_storage
from assetbook.lake.snapshot import Snapshot, commit_notes
from assetbook.lake.transactions import make_table, prepare, replace_files

if TYPE_CHECKING:
    import pyarrow as pa

    from assetbook.lake.storage import Storage
    from assetbook.lake.tables import StagedTable

ATTEMPTS = 50  # of N writers at once, each round lets at least one through


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

    ``new`` is the file of the staged rows, the only one where ``only`` names the partition that it replaces;
    otherwise it and ``others`` replace all files. ``written`` are files made for this commit, to delete if it fails.
    """

    schema: pa.Schema
    new: DataFile
    others: tuple[DataFile, ...] = ()
    only: str | None = None
    written: tuple[DataFile, ...] = ()


def commit(storage: Storage, location: str, staged: StagedTable, *, stamp: Mapping[str, str]) -> Commit:
    """Commit a staged file to the table at `location`; the same content again is no new version.

    Where another writer was quicker, the table is read again and the commit tried again: the last writer wins.

    Raises:
        LakeError: the file does not go with the table, or Delta cannot write.
    """
    from deltalake.exceptions import DeltaError

    for _ in range(ATTEMPTS):
        before = Snapshot.open(storage, location)
        if before is not None and _is_current(before, staged):
            return Commit(staged, before, before)
        change = _plan(storage, location, before, staged, stamp=stamp)
        try:
            if _apply(storage, location, before, change, staged, stamp=stamp):
                return Commit(staged, before, _committed(storage, location, before, change))
        except (DeltaError, OSError) as error:
            if isinstance(error, OSError) or not overtaken(storage, location, before):
                _clean(storage, location, change)
                raise LakeError(
                    f"Table {staged.name!r} at {storage.uri(location)} could not be committed: {error}. "
                    "Check that the folder can be written and that the disk is not full, then run again."
                ) from error
        _clean(storage, location, change)
    raise LakeError(
        f"Table {staged.name!r}: {ATTEMPTS} attempts to commit were each overtaken by another writer. "
        "Run again when fewer runs write to this table."
    )


def _committed(storage: Storage, location: str, before: Snapshot | None, change: _Change) -> Snapshot:
    """Return the snapshot that a commit has made; others may have followed it already."""
    for version in count(0 if before is None else before.version + 1):
        after = Snapshot.open(storage, location, version=version)
        if after is None:
            raise LakeError(f"The table at {storage.uri(location)} was deleted while it was written to.")
        if change.new.path in {file.path for file in after.files}:
            return after
    raise AssertionError("counting has no end")


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


def overtaken(storage: Storage, location: str, before: Snapshot | None) -> bool:
    """Whether somebody else has committed since `before`."""
    now = Snapshot.open(storage, location)
    return now is not None and (before is None or now.version != before.version)


def check_fit(storage: Storage, location: str, staged: StagedTable, *, stamp: Mapping[str, str]) -> None:
    """Refuse a staged file that its table would refuse now.

    Raises:
        LakeError: the file does not go with the table.
    """
    before = Snapshot.open(storage, location)
    if before is not None and _others(before, staged):
        _merged(before, staged, stamp=stamp)


def _merged(
    before: Snapshot, staged: StagedTable, *, stamp: Mapping[str, str]
) -> tuple[pa.Schema, pa.Schema]:
    """Return the schema that the other partitions need, and the one of all partitions together."""
    assert staged.partition is not None
    schema = schema_from_text(staged.schema)
    table, optional = outgrown(before, _others(before, staged), schema, stamp=stamp)
    return table, merge(table, schema, name=staged.name, key=staged.partition, optional=optional)


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
    new = DataFile(staged.file, staged.size, staged.rows, staged.partition)
    others = _others(before, staged)
    if before is None or not others:
        return _Change(schema, new)
    table, merged = _merged(before, staged, stamp=stamp)
    run_id = stamp.get("run_id", "")

    def widen(old: DataFile, exact: pa.Schema) -> DataFile:
        return rewrite_file(storage, location, old, exact=exact, to=merged, name=staged.name, run_id=run_id)

    written: tuple[DataFile, ...] = ()
    if not same_storage(schema, merged):
        new = widen(new, schema)
        written = (new,)
    if same_storage(table, merged):
        return _Change(merged, new, only=staged.partition, written=written)
    widened = tuple(widen(other, table) for other in others)
    return _Change(merged, new, widened, written=written + widened)


def _others(before: Snapshot | None, staged: StagedTable) -> list[DataFile]:
    """Return the files of the other partitions, which stay."""
    if before is None or staged.partition is None or not before.partitioned:
        return []
    return [file for file in before.files if file.partition != staged.partition]


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
    if before is not None and prepare(before, change.schema):
        return False
    files = (change.new, *change.others)
    partitioned = staged.partition is not None
    notes = commit_notes(stamp, version=staged.data_version, partition=staged.partition, rows=staged.rows)
    if before is not None and before.partitioned == partitioned:
        schema = to_delta(change.schema, partitioned=partitioned)
        replace_files(before, files, schema=schema, only=change.only, notes=notes)
    else:
        make_table(
            storage,
            location,
            files,
            schema=change.schema,
            partitioned=partitioned,
            anew=before is None,
            notes=notes,
        )
    return True
