"""Taking a commit back: the table, or the partition, is again what it was before."""

from __future__ import annotations

from collections.abc import Mapping

from assetbook.lake.commits import ATTEMPTS, Commit, overtaken
from assetbook.lake.snapshot import Snapshot, commit_notes
from assetbook.lake.transactions import properties, replace_files


def undo(done: Commit, *, stamp: Mapping[str, str]) -> None:
    """Take a commit back. What another writer has committed since stays.

    Raises:
        DeltaError: it cannot be taken back.
    """
    from deltalake.exceptions import DeltaError

    storage, location = done.after.storage, done.after.location
    for attempt in range(ATTEMPTS):
        now = Snapshot.open(storage, location)
        if not done.changed or now is None:
            return
        if now.data_version(done.staged.partition) != done.staged.data_version:
            return  # somebody has replaced it already
        try:
            _revert(done, now, stamp=stamp)
            return
        except DeltaError:
            if attempt == ATTEMPTS - 1 or not overtaken(storage, location, now):
                raise


def _revert(done: Commit, now: Snapshot, *, stamp: Mapping[str, str]) -> None:
    """Make of the table as it is `now` what it would be without the commit."""
    before, key = done.before, done.staged.partition
    notes = commit_notes(stamp, version="", partition=key, rows=0) | {"undone": str(done.after.version)}
    if now.version == done.after.version:
        if before is None:
            now.storage.delete_folder(f"{now.location}/_delta_log")
        else:
            now.delta.restore(before.version, commit_properties=properties(notes))
    elif key is not None:
        files = [] if before is None else before.partitions.get(key, [])
        replace_files(now, files, schema=now.delta.schema(), only=key, notes=notes)
