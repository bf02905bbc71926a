"""Parquet files of a table: written so that equal content gives equal bytes, read back with exact types."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

from assetbook.errors import LakeError
from assetbook.lake.columns import PARTITION, decode, encode, footer, stored_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from assetbook.lake.storage import Storage

ROW_GROUP = 1 << 18  # rows; DuckDB and Arrow read row groups in parallel
_DICTIONARY = 1 << 17  # bytes; a column with more distinct values is written plainly: sooner, and smaller
_OURS = re.compile(r"(?:.*/)?([0-9a-f]{32})-")  # file names of ours begin with the data version


@dataclass(frozen=True)
class DataFile:
    """A Parquet file in a table's folder.

    Attributes:
        path: relative to the table's folder.
        size: in bytes.
        rows: number of rows.
        partition: the partition key that it belongs to.
    """

    path: str
    size: int
    rows: int
    partition: str | None = None

    @property
    def data_version(self) -> str:
        """The data version that the name begins with; a hash of the name for a file of another tool."""
        ours = _OURS.match(self.path)
        return ours[1] if ours else _digest([self.path])


def data_version(files: Iterable[DataFile]) -> str:
    """Return the data version of files that are one table or one partition."""
    versions = sorted(file.data_version for file in files)
    return versions[0] if len(versions) == 1 else _digest(versions)


def data_version_of_partitions(partitions: dict[str, str]) -> str:
    """Return the data version of a table from those of its partitions."""
    return _digest(text for pair in sorted(partitions.items()) for text in pair)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=16).hexdigest()


class _HashingStream:
    """A binary stream that hashes what passes through it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.hash = hashlib.blake2b(digest_size=16)
        self.size = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        self.size += len(data)
        self._stream.write(bytes(data))  # deltalake takes no other buffers
        return len(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def partition_folder(partition: str | None) -> str:
    """Return where in a table's folder a partition's files are, ``_partition=<key>/``: Polars asks for it."""
    return "" if partition is None else f"{PARTITION}={quote(partition, safe='')}/"


def write_file(
    storage: Storage,
    folder: str,
    table: pa.Table,
    exact: pa.Schema,
    *,
    run_id: str,
    partition: str | None = None,
    version: str | None = None,
) -> DataFile:
    """Write a table into a folder of the storage, complete and on disk before it gets its name.

    Args:
        storage: where the lake is.
        folder: the table's folder, relative to the root.
        table: the rows, already encoded to stored types.
        exact: the exact schema.
        run_id: the run that writes; its first letters become part of the file's name.
        partition: the partition that the rows are.
        version: the data version to name the file by; the hash of its bytes by default.
    """
    token = f"{_letters(run_id)}-{uuid4().hex[:8]}"
    within = partition_folder(partition)
    draft = f"{folder}/{within}.{token}.parquet"
    with storage.writing(folder):
        storage.make_folder(f"{folder}/{within}".rstrip("/"))
        try:
            with storage.output(draft) as stream:
                hashed = _HashingStream(stream)
                _write_parquet(hashed, table, footer(exact))
            name = f"{within}{version or hashed.hash.hexdigest()}-{token}.parquet"
            storage.rename(draft, f"{folder}/{name}")
        except OSError:
            storage.delete(draft)
            raise
    return DataFile(name, hashed.size, table.num_rows, partition)


def _letters(run_id: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", run_id)[:8] or "run"


def _write_parquet(sink: _HashingStream, table: pa.Table, metadata: dict[bytes, bytes]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = table.schema.with_metadata(metadata)
    with (
        pa.PythonFile(sink, mode="w") as file,
        pq.ParquetWriter(
            file,
            schema,
            version="2.6",
            compression="zstd",
            compression_level=1,
            dictionary_pagesize_limit=_DICTIONARY,
        ) as writer,
    ):
        # One chunk at a time: how the rows happened to be chunked must not show in the bytes.
        for start in range(0, table.num_rows, ROW_GROUP):
            rows = table.slice(start, ROW_GROUP).combine_chunks()
            writer.write_table(rows.replace_schema_metadata(metadata), row_group_size=ROW_GROUP)


def read_files(
    storage: Storage,
    uris: Sequence[str],
    exact: pa.Schema,
    *,
    columns: Sequence[str] | None = None,
    limit: int | None = None,
) -> pa.Table:
    """Read files of one table, in order, as one Arrow table of exact types.

    Args:
        storage: where the lake is.
        uris: the files.
        exact: the exact schema of the table; a file that lacks a column gives null.
        columns: the columns to read, in this order; all by default.
        limit: the number of rows to read from the beginning; all by default.
    """
    import pyarrow as pa

    wanted = exact if columns is None else pa.schema([exact.field(name) for name in columns])
    try:
        source = dataset(storage, uris, exact)
        names = wanted.names
        stored = source.to_table(columns=names) if limit is None else source.head(limit, columns=names)
    except FileNotFoundError as error:
        raise LakeError(
            f"A data file is gone: {error}. The table was vacuumed, moved or deleted after this version was "
            "pinned: load the current version, or restore the file from a backup."
        ) from error
    except (OSError, pa.ArrowInvalid) as error:
        raise LakeError(f"Cannot read the table's files below {storage.root}: {error}.") from error
    return decode(stored, wanted)


def dataset(storage: Storage, uris: Sequence[str], exact: pa.Schema) -> Any:
    """Return a pyarrow dataset of files with the stored schema."""
    import pyarrow.dataset as pads

    paths = [storage.path(storage.relative(uri)) for uri in uris]
    return pads.dataset(paths, schema=stored_schema(exact), format="parquet", filesystem=storage.filesystem)


def rewrite_file(
    storage: Storage, folder: str, file: DataFile, *, exact: pa.Schema, to: pa.Schema, name: str, run_id: str
) -> DataFile:
    """Write a file's rows again with the types of the exact schema `to`; it keeps its data version.

    Raises:
        LakeError: a value that the new type cannot hold.
    """
    rows = read_files(storage, [storage.uri(f"{folder}/{file.path}")], exact)
    widened = encode(rows, to, name=name)
    return write_file(
        storage, folder, widened, to, run_id=run_id, partition=file.partition, version=file.data_version
    )
