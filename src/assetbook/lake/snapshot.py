"""A table as Delta has it at one version: columns, files, history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from assetbook.errors import LakeError
from assetbook.lake.columns import PARTITION, from_delta, schema_to_text
from assetbook.lake.files import DataFile, data_version, data_version_of_partitions
from assetbook.lake.tables import TableVersion

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

    from assetbook.lake.storage import Storage

STAMP = "stamp."  # in front of what the run writes into a commit, so that it cannot collide with Delta's own
_KNOWN_FEATURES = {"timestampNtz"}  # what other tools may have switched on without changing the data files


@dataclass(frozen=True)
class Snapshot:
    """One version of one table.

    Attributes:
        storage: where the lake is.
        location: the table's folder, relative to the root: ``group/name``.
        delta: the open Delta table.
        version: the Delta version.
    """

    storage: Storage
    location: str
    delta: DeltaTable
    version: int

    @classmethod
    def open(cls, storage: Storage, location: str, *, version: int | None = None) -> Snapshot | None:
        """Return the snapshot of a version, the newest by default; None where there is none.

        Raises:
            LakeError: the log cannot be read, or the table needs features of Delta that change how its files
                must be read.
        """
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, TableNotFoundError

        uri = storage.uri(location)
        try:
            delta = DeltaTable(uri, storage_options=dict(storage.options) or None)
            if version is not None and version != delta.version():
                if not 0 <= version <= delta.version():
                    return None
                delta.load_as_version(version)
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            if version is not None:
                return None
            raise LakeError(f"The Delta log of {uri} cannot be read: {error}") from error
        unknown = set(delta.protocol().reader_features or ()) - _KNOWN_FEATURES
        if unknown:
            raise LakeError(
                f"The table at {uri} uses {', '.join(sorted(unknown))}, which another tool has switched on and "
                "which changes how its files are read. Rewrite it without, for example by saving it again."
            )
        return cls(storage, location, delta, int(delta.version()))

    @property
    def partitioned(self) -> bool:
        """Whether the table has partitions of ours."""
        return PARTITION in self.delta.metadata().partition_columns

    @cached_property
    def schema(self) -> pa.Schema:
        """The exact schema."""
        return from_delta(self.delta.schema())

    @cached_property
    def files(self) -> tuple[DataFile, ...]:
        """The data files, in the order of the partition keys."""
        import pyarrow as pa

        actions = pa.table(self.delta.get_add_actions(flatten=True)).to_pylist()
        found = (
            DataFile(
                unquote(a["path"]), a["size_bytes"], a["num_records"] or 0, a.get(f"partition.{PARTITION}")
            )
            for a in actions
        )
        return tuple(sorted(found, key=lambda file: (file.partition or "", file.path)))

    @cached_property
    def partitions(self) -> dict[str, list[DataFile]]:
        """The files of each partition key."""
        grouped: dict[str, list[DataFile]] = {}
        for file in self.files:
            if file.partition is not None:
                grouped.setdefault(file.partition, []).append(file)
        return grouped

    def data_version(self, partition: str | None = None) -> str | None:
        """Return the data version of the table or of a partition; None where there is no such partition."""
        if partition is not None:
            files = self.partitions.get(partition)
            return data_version(files) if files else None
        if self.partitioned:
            return data_version_of_partitions({k: data_version(v) for k, v in self.partitions.items()})
        return data_version(self.files)

    def uris(self, files: list[DataFile] | tuple[DataFile, ...]) -> tuple[str, ...]:
        """Return the absolute paths or URIs of files."""
        return tuple(self.storage.uri(f"{self.location}/{file.path}") for file in files)

    def pin(self) -> TableVersion:
        """Return the snapshot as plain data."""
        group, _, name = self.location.partition("/")
        log = self.delta.history(1)  # empty where another tool has cleaned the log
        commit = log[0] if log else {"timestamp": self.delta.metadata().created_time}
        return TableVersion(
            name=name,
            group=group,
            uri=self.storage.uri(self.location),
            version=self.version,
            data_version=self.data_version() or "",
            rows=sum(file.rows for file in self.files),
            partitions={key: data_version(files) for key, files in self.partitions.items()},
            files=self.uris(self.files),
            partition_files={key: self.uris(files) for key, files in self.partitions.items()},
            timestamp=_iso(commit["timestamp"]),
            schema=schema_to_text(self.schema),
            run_id=commit.get(f"{STAMP}run_id"),
        )


def last_written(storage: Storage, location: str) -> str | None:
    """Return the data version of a table from its newest commit alone, which is much quicker than opening it.

    None where that commit does not tell: it wrote one partition, another tool made it, or it is gone.
    """
    log = f"{location}/_delta_log"
    commits = [name for name, _ in storage.files(log) if name.endswith(".json")]
    if not commits:
        return None
    notes: dict[str, Any] = {}
    with suppress(OSError, ValueError):  # whoever opens the table will meet it too, and say it
        with storage.filesystem.open_input_stream(storage.path(f"{log}/{max(commits)}")) as stream:
            lines = stream.read().splitlines()
        notes = next((json.loads(line)["commitInfo"] for line in lines if b'"commitInfo"' in line[:20]), {})
    return None if "partition" in notes else notes.get("data_version") or None


def commit_notes(
    stamp: Mapping[str, str], *, version: str, partition: str | None, rows: int
) -> dict[str, str]:
    """Return what a commit of ours writes into the Delta log, all text."""
    notes = {f"{STAMP}{key}": str(value) for key, value in stamp.items()}
    notes |= {"data_version": version, "rows": str(rows)}
    return notes if partition is None else notes | {"partition": partition}


def history(delta: DeltaTable) -> list[dict[str, Any]]:
    """Return the commits of a table, newest first: version, timestamp, operation, partition, rows, stamp."""
    return [
        {
            "version": commit["version"],
            "timestamp": _iso(commit["timestamp"]),
            "operation": commit.get("operation"),
            "data_version": commit.get("data_version"),
            "partition": commit.get("partition"),
            "rows": int(commit["rows"]) if "rows" in commit else None,
            "stamp": {k.removeprefix(STAMP): v for k, v in commit.items() if k.startswith(STAMP)},
        }
        for commit in delta.history()
    ]


def unnamed_files(storage: Storage, location: str) -> list[tuple[str, float]]:
    """Return the Parquet files that no version of the table names, and when each was last changed.

    Args:
        storage: where the lake is.
        location: the folder of a table, or one where there is none yet.
    """
    snapshot = Snapshot.open(storage, location)
    named = set() if snapshot is None else {file.path for file in snapshot.files} | _ever_named(snapshot)
    within = [
        f"{folder}/" for folder in storage.folders(location, hidden=True) if folder.startswith(PARTITION)
    ]
    found = (
        (f"{w}{file}", at) for w in ["", *within] for file, at in storage.files(f"{location}/{w}".rstrip("/"))
    )
    return [(path, at) for path, at in found if path.endswith(".parquet") and path not in named]


def names(snapshot: Snapshot, file: str) -> bool:
    """Whether this version or an earlier one consists of `file` among others."""
    return file in {each.path for each in snapshot.files} or file in _ever_named(snapshot)


def _ever_named(snapshot: Snapshot) -> set[str]:
    """Return the data files that the commits of a table have named, also those of past versions."""
    storage, log = snapshot.storage, f"{snapshot.location}/_delta_log"
    named: set[str] = set()
    for entry, _ in storage.files(log):
        if not entry.endswith(".json"):
            continue
        with storage.filesystem.open_input_stream(storage.path(f"{log}/{entry}")) as stream:
            actions = [json.loads(line) for line in stream.read().splitlines() if line.strip()]
        named |= {unquote(action["add"]["path"]) for action in actions if "add" in action}
    return named


def relocated(table: TableVersion, storage: Storage, location: str) -> TableVersion:
    """Return a pinned version whose folder has been moved since, with the paths as they are now."""
    old, new = table.uri, storage.uri(location)

    def moved(files: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new + file.removeprefix(old) for file in files)

    return replace(
        table,
        group=location.partition("/")[0],
        uri=new,
        files=moved(table.files),
        partition_files={key: moved(files) for key, files in table.partition_files.items()},
    )


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC).isoformat(timespec="milliseconds")
