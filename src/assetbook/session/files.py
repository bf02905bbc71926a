"""Files as a table: written out again, for what reads files and no tables."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from assetbook.errors import SessionError
from assetbook.words import counted

if TYPE_CHECKING:
    from assetbook.lake import Lake, TableVersion

FOLDER = ".files"  # no asset has this name
COLUMNS = ("path", "content")


def write_files(lake: Lake, table: TableVersion, *, to: Path) -> str:
    """Write the files of a table below a folder, all of them or none, and print what they are.

    Args:
        lake: where the table is.
        table: a version of it, as `assetbook.landing.read_files` has made it.
        to: the folder; one that is there already has this version.

    Returns:
        The path of the only file, or of the folder that all files are in.

    Raises:
        SessionError: the table holds no files, or paths that lead out of the folder.
    """
    rows = _rows(lake, table)
    if not to.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=to.parent) as folder:
            for path, content in rows.items():
                file = Path(folder, "all", path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            with suppress(OSError):  # another session has been quicker
                Path(folder, "all").rename(to)
    size = sum(map(len, rows.values()))
    print(f"{table.name}: {counted(len(rows), 'file')}, {counted(size, 'byte')}, version {table.version}")
    return str(to / PurePosixPath(next(iter(rows))).parts[0])


def _rows(lake: Lake, table: TableVersion) -> dict[PurePosixPath, bytes]:
    """Return content by path."""
    data = lake.read(table, as_="arrow")
    if not set(COLUMNS) <= set(data.column_names):
        raise SessionError(
            f"path({table.name!r}): this table holds no files; its columns are {', '.join(data.column_names)}. "
            f"Read it with ab.load({table.name!r})."
        )
    read = data.select(COLUMNS).to_pydict()
    rows = {PurePosixPath(path): content for path, content in zip(*read.values(), strict=True)}
    wrong = [path for path in rows if path.is_absolute() or ".." in path.parts or not path.parts]
    if wrong or not rows or len({path.parts[0] for path in rows}) > 1:
        found = (
            f"the path {wrong[0]}" if wrong else f"{counted(len(rows), 'file')} without a folder around them"
        )
        raise SessionError(
            f"path({table.name!r}): found {found}. Make the table with assetbook.landing.read_files(landing)."
        )
    return rows
