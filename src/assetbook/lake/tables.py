"""What the lake says of a table: one published version of it, or one staged file that wants to be published.

Plain frozen data, JSON in and out: both cross from the notebook's kernel to the process that runs the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class TableVersion:
    """One snapshot of a table, pinned: reading it gives the same rows for ever.

    Attributes:
        name: the table's name, unique in the lake.
        group: the folder of the lake that the table is in.
        uri: the table's folder.
        version: the Delta version.
        data_version: hash of the content; equal content has an equal data version.
        rows: number of rows.
        partitions: partition key to the data version of that partition; empty when not partitioned.
        files: the Parquet files, absolute paths or URIs, in the order of the partition keys.
        partition_files: partition key to its files; empty when not partitioned.
        timestamp: when it was committed, ISO 8601 in UTC.
        schema: the columns with their exact types (see `assetbook.lake.columns.schema_to_text`).
        run_id: the Dagster run that made this version; None if another tool did.
    """

    name: str
    group: str
    uri: str
    version: int
    data_version: str
    rows: int
    partitions: Mapping[str, str]
    files: tuple[str, ...]
    partition_files: Mapping[str, tuple[str, ...]]
    timestamp: str
    schema: str
    run_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return asdict(self) | {
            "files": list(self.files),
            "partition_files": {key: list(files) for key, files in self.partition_files.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TableVersion:
        """Return the table version that `to_json` gave as `data`."""
        files = {key: tuple(files) for key, files in data["partition_files"].items()}
        return cls(**{**data, "files": tuple(data["files"]), "partition_files": files})


@dataclass(frozen=True)
class StagedTable:
    """One Parquet file in the table's folder that no snapshot names yet.

    Attributes:
        name: the table's name.
        group: the group that the table shall be in.
        uri: the table's folder when the file was staged.
        partition: the partition that the file shall replace; None replaces the whole table.
        file: the file, relative to `uri`.
        size: its size in bytes.
        rows: its number of rows.
        data_version: hash of its content.
        schema: the columns with their exact types, as in `TableVersion`.
        columns: name and type of each column, to show.
    """

    name: str
    group: str
    uri: str
    partition: str | None
    file: str
    size: int
    rows: int
    data_version: str
    schema: str
    columns: tuple[Mapping[str, str], ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return asdict(self) | {"columns": [dict(column) for column in self.columns]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StagedTable:
        """Return the staged table that `to_json` gave as `data`."""
        return cls(**{**data, "columns": tuple(data["columns"])})
