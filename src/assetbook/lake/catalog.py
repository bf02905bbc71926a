"""Where the tables of a lake are: ``<root>/<group>/<table>``, found by name in any group."""

from __future__ import annotations

from collections.abc import Iterator

from assetbook.lake.storage import Storage

_DEPTH = 6  # folders below a group in which tables are looked for: a name may have slashes


def folders_of(storage: Storage, name: str) -> list[str]:
    """Return the folders of this name in any group, relative to the root, tables or not."""
    candidates = (f"{group}/{name}" for group in storage.folders(""))
    return [folder for folder in candidates if storage.exists(folder)]


def locate(storage: Storage, name: str) -> str | None:
    """Return the folder of a table, relative to the root; None where there is no such table."""
    candidates = (f"{group}/{name}" for group in storage.folders(""))
    return next((folder for folder in candidates if _is_table(storage, folder)), None)


def locations(storage: Storage) -> Iterator[str]:
    """Yield the folder of each table, relative to the root."""
    for group in storage.folders(""):
        for name in storage.folders(group):
            yield from _below(storage, f"{group}/{name}", depth=_DEPTH)


def _below(storage: Storage, folder: str, *, depth: int) -> Iterator[str]:
    if _is_table(storage, folder):
        yield folder
    if depth:
        for name in storage.folders(folder):
            yield from _below(storage, f"{folder}/{name}", depth=depth - 1)


def _is_table(storage: Storage, folder: str) -> bool:
    """Whether something was ever committed there; the first file may be gone where another tool has cleaned up."""
    log = f"{folder}/_delta_log"
    return storage.exists(f"{log}/{0:020}.json") or bool(storage.files(log))
