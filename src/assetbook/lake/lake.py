"""The lake: tables by name, their versions, and how they are read and written."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.errors import LakeError, did_you_mean
from assetbook.lake import sql as lake_sql
from assetbook.lake.catalog import folders_of, locate, locations
from assetbook.lake.columns import describe, encode, schema_from_text, schema_to_text
from assetbook.lake.files import read_files, write_file
from assetbook.lake.incoming import to_arrow
from assetbook.lake.names import check_columns, check_names, files_of, split_version
from assetbook.lake.outgoing import FORMS, Form, convert
from assetbook.lake.publishing import publish
from assetbook.lake.snapshot import Snapshot, history, last_written, names, relocated, unnamed_files
from assetbook.lake.storage import Storage
from assetbook.lake.tables import StagedTable, TableVersion

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

DAY = 24 * 3600.0


class Lake:
    """Delta tables below one folder or URI, ``<root>/<group>/<table>``.

    A table is known by its name, whatever group it is in. What is staged is invisible until it is published;
    what is published stays readable by its version.
    """

    def __init__(self, root: str | Path, *, storage_options: Mapping[str, str] | None = None) -> None:
        """Open the lake; nothing is read or created before it is needed.

        Args:
            root: a folder, or a URI such as ``s3://bucket/lake``.
            storage_options: what deltalake needs to open the URI: keys, region, endpoint. By default those in
                ``ASSETBOOK_STORAGE_OPTIONS``, a JSON object.
        """
        self._storage = Storage.at(root, options=storage_options)

    @property
    def root(self) -> str:
        """Absolute path or URI of the lake."""
        return self._storage.root

    @property
    def storage_options(self) -> dict[str, str]:
        """What deltalake needs to open the lake."""
        return dict(self._storage.options)

    # ---- what there is

    def names(self) -> list[str]:
        """Return the names of all tables, sorted."""
        return sorted({location.partition("/")[2] for location in locations(self._storage)})

    def exists(self, name: str) -> bool:
        """Whether there is a table of this name, in any group."""
        return locate(self._storage, name) is not None

    def version(self, name: str, version: int | None = None) -> TableVersion:
        """Return a version of a table, the newest by default; ``flights@3`` names one too.

        Raises:
            LakeError: there is no such table or version; the known ones are listed.
        """
        return self._snapshot(name, version).pin()

    def content(self, name: str) -> str | None:
        """Return the data version of a table; None where there is no such table.

        As `version` gives it, but quicker where the newest commit tells.

        Raises:
            LakeError: the table cannot be read.
        """
        location = locate(self._storage, name)
        if location is None:
            return None
        return last_written(self._storage, location) or self.version(name).data_version

    def history(self, name: str) -> list[dict[str, Any]]:
        """Return the commits of a table, newest first: version, timestamp, operation, partition, rows, stamp."""
        return history(self._snapshot(name, None).delta)

    def _snapshot(self, name: str, version: int | None) -> Snapshot:
        name, in_name = split_version(name)
        version = in_name if version is None else version
        location = locate(self._storage, name)
        if location is None:
            raise LakeError(f"There is no table {name!r} in {self.root}. {did_you_mean(name, self.names())}")
        found = Snapshot.open(self._storage, location, version=version)
        if found is not None:
            return found
        newest = Snapshot.open(self._storage, location)
        if newest is None:
            raise LakeError(
                f"Table {name!r}: the Delta log in {self._storage.uri(location)} has no version that can be read. "
                "Restore the folder from a backup, or delete it and materialize the table again."
            )
        raise LakeError(f"Table {name!r} has no version {version}. Known: 0 to {newest.version}.")

    # ---- reading

    def read(
        self,
        table: str | TableVersion,
        *,
        version: int | None = None,
        columns: Sequence[str] | None = None,
        partition: str | Sequence[str] | None = None,
        limit: int | None = None,
        as_: Form = "pandas",
    ) -> Any:
        """Return rows of a table, with the types they were saved with.

        Args:
            table: its name, also ``flights@3``, or a pinned version.
            version: the Delta version; the newest by default.
            columns: the columns to read, in this order; all by default.
            partition: one key or several; the whole table by default.
            limit: the number of rows to read from the beginning; all by default.
            as_: ``pandas``, ``polars``, ``arrow``, or ``relation`` (DuckDB), which reads nothing before it is used.

        Raises:
            LakeError: an unknown table, version, column, partition or form; the known ones are listed.
        """
        if as_ not in FORMS:
            raise LakeError(f"Cannot read as {as_!r}. {did_you_mean(str(as_), FORMS)}")
        pinned = self.version(table, version) if isinstance(table, str) else self._present(table)
        exact = schema_from_text(pinned.schema)
        check_columns(pinned.name, columns, exact.names)
        files = files_of(pinned, partition)
        if as_ == "relation":
            chosen = replace(pinned, files=files)
            return lake_sql.relation(chosen, columns=columns, limit=limit, storage=self._storage)
        return convert(read_files(self._storage, files, exact, columns=columns, limit=limit), as_)

    def _present(self, table: TableVersion) -> TableVersion:
        """Return a pinned version with the paths of today: its table may have moved to another group."""
        if self._storage.exists(self._storage.relative(table.uri)):
            return table
        location = locate(self._storage, table.name)
        return table if location is None else relocated(table, self._storage, location)

    def query(
        self,
        sql: str,
        *,
        tables: Mapping[str, TableVersion] | None = None,
        frames: Mapping[str, Any] | None = None,
        connection: DuckDBPyConnection | None = None,
        params: Sequence[Any] | Mapping[str, Any] | None = None,
    ) -> DuckDBPyRelation:
        """Return the DuckDB relation that a SELECT over tables of the lake gives.

        Args:
            sql: DuckDB SQL; ``flights@3`` is the table as it was in version 3.
            tables: the versions to read, by their names in the query, and no others; the newest by default.
            frames: data frames to query by name.
            connection: where to run; a new connection in memory by default.
            params: values for ``?`` or ``$name``.

        Raises:
            LakeError: what DuckDB says of the query, and for an unknown table the ones that exist.
        """

        def find(name: str) -> TableVersion | None:
            if tables is not None:
                return self._present(tables[name]) if name in tables else None
            return self.version(name) if self.exists(split_version(name)[0]) else None

        return lake_sql.query(
            sql,
            storage=self._storage,
            find=find,
            known=self.names if tables is None else lambda: list(tables),
            frames=frames,
            connection=connection,
            params=params,
        )

    # ---- writing

    def stage(
        self, name: str, data: Any, *, group: str, run_id: str, partition: str | None = None
    ) -> StagedTable:
        """Write a table into its folder of the lake, where nobody sees it before it is published.

        Args:
            name: the table's name.
            data: a pandas, Polars or Arrow table, a DuckDB relation or a reader of record batches.
            group: the group that the table shall be in.
            run_id: the run that writes.
            partition: the partition that `data` is; None for the whole table.

        Raises:
            LakeError: a name that cannot be a folder's, no table, or something in it that cannot be kept.
        """
        check_names(name, group=group, partition=partition)
        exact = to_arrow(data, name=name)
        folder = locate(self._storage, name) or f"{group}/{name}"
        stored = encode(exact, exact.schema, name=name)
        file = write_file(self._storage, folder, stored, exact.schema, run_id=run_id, partition=partition)
        return StagedTable(
            name=name,
            group=group,
            uri=self._storage.uri(folder),
            partition=partition,
            file=file.path,
            size=file.size,
            rows=file.rows,
            data_version=file.data_version,
            schema=schema_to_text(exact.schema),
            columns=describe(exact.schema),
        )

    def publish(self, staged: Sequence[StagedTable], *, stamp: Mapping[str, str]) -> list[TableVersion]:
        """Make staged tables visible, all of them or none; content that is there already is no new version.

        Args:
            staged: at most one for a table and partition.
            stamp: what the log of each table shall say: ``run_id``, asset, who and why.

        Raises:
            LakeError: why nothing was published.
        """
        items = [(self._settle(each), each) for each in staged]
        return [commit.after.pin() for commit in publish(self._storage, items, stamp=stamp)]

    def discard(self, staged: Sequence[StagedTable]) -> None:
        """Delete staged files that were not published; what any version of a table consists of is never touched."""
        for each in staged:
            location = self._location_of(each)
            snapshot = Snapshot.open(self._storage, location)
            if snapshot is None or not names(snapshot, each.file):
                self._storage.delete(f"{location}/{each.file}")

    def _location_of(self, staged: StagedTable) -> str:
        return locate(self._storage, staged.name) or self._storage.relative(staged.uri)

    def _settle(self, staged: StagedTable) -> str:
        """Return the table's folder, after moving it into the group that it now belongs to (local lakes)."""
        location = self._location_of(staged)
        wanted = f"{staged.group}/{staged.name}"
        if location == wanted or not self._storage.local or self._storage.exists(wanted):
            return location
        with self._storage.writing(wanted):
            self._storage.move_folder(location, wanted)
        return wanted

    def drop(self, name: str) -> None:
        """Delete a table with all its versions.

        Raises:
            LakeError: there is no such table.
        """
        location = self._snapshot(name, None).location
        with self._storage.writing(location):
            self._storage.delete_folder(location)

    def sweep(self, name: str, *, older_than: float = DAY) -> list[str]:
        """Delete staged files that no version of a table has ever named: what killed runs have left.

        That may be all there is of a table, if its first run was killed.

        Args:
            name: the table.
            older_than: seconds; younger files may belong to a run that is still going.

        Returns:
            The deleted files, relative to the lake.
        """
        limit = time.time() - older_than
        orphans = [
            f"{folder}/{file}"
            for folder in folders_of(self._storage, name)
            for file, changed in unnamed_files(self._storage, folder)
            if changed < limit
        ]
        for file in orphans:
            self._storage.delete(file)
        return orphans
