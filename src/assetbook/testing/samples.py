"""Rows that a workspace keeps beside its tests, so that notebooks are tried on the same ones everywhere.

``tests/inputs/airlines.parquet`` is a table, ``tests/inputs/flights/2013-01.parquet`` a partition of one. Where that
folder is, lake and registry are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from assetbook.errors import LakeError

if TYPE_CHECKING:
    import pyarrow as pa

    from assetbook.testing.sampling import Rows

FOLDER = Path("tests") / "inputs"
SUFFIX = ".parquet"


def kept(folder: Path, name: str) -> dict[str | None, Path]:
    """Return the files of a table by partition; that of a table without partitions under None."""
    whole = folder / f"{name}{SUFFIX}"
    if whole.is_file():
        return {None: whole}
    return {unquote(path.stem): path for path in sorted((folder / name).glob(f"*{SUFFIX}"))}


def read(path: Path) -> pa.Table:
    """Return the rows of a file.

    Raises:
        LakeError: it is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path).read()
    except (OSError, pa.ArrowInvalid) as error:
        raise LakeError(f"{path} is no Parquet file: {error}. Write it anew, or delete it.") from error


def write(tables: Iterable[Rows], folder: Path) -> Iterator[Path]:
    """Write rows of tables, over those that are there; give each file."""
    import pyarrow.parquet as pq

    for table in tables:
        for path in kept(folder, table.name).values():
            path.unlink()
        for key, rows in table.parts.items():
            name = table.name if key is None else f"{table.name}/{quote(key, safe='')}"
            path = folder / f"{name}{SUFFIX}"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(rows, path, compression="zstd")
            yield path
