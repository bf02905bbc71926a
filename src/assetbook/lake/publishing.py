"""From staged files to new versions: commits to several tables that all hold, or none does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assetbook.errors import AssetbookError, LakeError
from assetbook.lake.commits import Commit, commit, undo

if TYPE_CHECKING:
    from assetbook.lake.storage import Storage
    from assetbook.lake.tables import StagedTable


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
    try:
        for location, staged in items:
            done.append(commit(storage, location, staged, stamp=stamp))
    except BaseException as error:
        stuck = _take_back(done, stamp=stamp)
        if not isinstance(error, Exception) or (isinstance(error, AssetbookError) and not stuck):
            raise
        raise LakeError(f"Publishing failed: {error} {stuck or 'Nothing was published.'}") from error
    for each in done:
        # What the table has already under another name is not needed twice.
        if each.staged.file not in {file.path for file in each.after.files}:
            storage.delete(f"{each.after.location}/{each.staged.file}")
    return done


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
