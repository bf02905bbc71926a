"""From staged files to new versions: commits to several tables that all hold, or none does."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from assetbook.errors import LakeError
from assetbook.lake.commits import Commit, check_fit, commit
from assetbook.lake.snapshot import names
from assetbook.lake.undoing import undo

if TYPE_CHECKING:
    from assetbook.lake.storage import Storage
    from assetbook.lake.tables import StagedTable

_SPARE = 1 << 16  # bytes for the commit that takes one back: what it says of itself, ...
_SPARE_PER_PARTITION = 1 << 10  # ... of each file, where a wider type has replaced all of them, ...
_SPARE_PER_SCHEMA = 4  # ... and of the columns: so much more than we have written of them


def publish(
    storage: Storage, items: Sequence[tuple[str, StagedTable]], *, stamp: Mapping[str, str]
) -> list[Commit]:
    """Commit each staged file to its table; when one fails, take back those before it.

    Args:
        storage: where the lake is.
        items: the table's folder, relative to the root, and the staged file; at most one for a table and
            partition.
        stamp: what to write into the log of each table: the run, the asset, who and why.

    Raises:
        LakeError: a staged file is gone, does not go with its table, or a commit failed. Nothing is published.
    """
    _check(storage, items)
    done: list[Commit] = []
    spare: str | None = None
    try:
        for location, staged in items if len(items) > 1 else ():  # before any of them is seen
            check_fit(storage, location, staged, stamp=stamp)
        spare = _keep_spare(storage, items)
        for location, staged in items:
            done.append(commit(storage, location, staged, stamp=stamp))
    except BaseException as error:
        _give_up(storage, spare)
        said = _take_back(done, stamp=stamp) or "Nothing was published."
        if not isinstance(error, Exception) or said in str(error):
            raise
        raise LakeError(f"{error} {said}") from error
    _give_up(storage, spare)
    for each in done:
        # What the table has already under another name is not needed twice.
        named = {file.path for file in each.after.files}
        if each.staged.file not in named and (each.changed or not names(each.after, each.staged.file)):
            storage.delete(f"{each.after.location}/{each.staged.file}")
    return done


def _keep_spare(storage: Storage, items: Sequence[tuple[str, StagedTable]]) -> str | None:
    """Write a file to delete before commits are taken back: on a full disk there is no other space for that.

    Its name is one that sweeping finds, should the process be killed. Object stores are never full.

    Raises:
        LakeError: there is no space for it.
    """
    if len(items) < 2 or not storage.local:
        return None
    size = sum(_spare_size(storage, location, staged) for location, staged in items)
    location = items[0][0]
    spare = f"{location}/.spare-{uuid4().hex}.parquet"
    with storage.writing(location):
        try:
            with storage.output(spare) as stream:
                stream.write(os.urandom(size))  # nothing that a file system could make smaller
        except OSError:
            storage.delete(spare)
            raise
    return spare


def _spare_size(storage: Storage, location: str, staged: StagedTable) -> int:
    partitions = 0 if staged.partition is None else len(storage.folders(location, hidden=True))
    return _SPARE + _SPARE_PER_PARTITION * partitions + _SPARE_PER_SCHEMA * len(staged.schema)


def _give_up(storage: Storage, spare: str | None) -> None:
    if spare is not None:
        storage.delete(spare)


def _check(storage: Storage, items: Sequence[tuple[str, StagedTable]]) -> None:
    seen: set[tuple[str, str | None]] = set()
    for location, staged in items:
        if (staged.name, staged.partition) in seen:
            raise LakeError(f"Table {staged.name!r} is to be published twice at once. Save it once.")
        seen.add((staged.name, staged.partition))
        if not storage.exists(f"{location}/{staged.file}"):
            raise LakeError(
                f"Table {staged.name!r}: the staged file {storage.uri(f'{location}/{staged.file}')} is gone. "
                "Nothing was published. Was it published or discarded before? Run again."
            )


def _take_back(done: Sequence[Commit], *, stamp: Mapping[str, str]) -> str:
    """Undo commits, the last one first; return a sentence on those that could not be undone."""
    stuck = []
    for each in reversed(done):
        try:
            undo(each, stamp=stamp)
        except Exception as error:  # noqa: BLE001 - the others must still be undone; it is reported below
            stuck.append(f"{each.staged.name} stays at version {each.after.version} ({error})")
    return f"Could not take back: {'; '.join(stuck)}." if stuck else ""
