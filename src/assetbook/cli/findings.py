"""What `assetbook show` finds out about an asset: what it is, its last run, its versions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.cli.results import finite
from assetbook.cli.versions import Version, model_versions, table_versions
from assetbook.errors import WorkspaceError

if TYPE_CHECKING:
    import dagster as dg

    from assetbook.cli.workspace import OpenWorkspace
    from assetbook.platform.latest import Made
    from assetbook.platform.units import Unit
    from assetbook.record import Record


def find(space: OpenWorkspace, asset: str, partition: str | None) -> Findings:
    """Return what there is to know of an asset, or of one partition of it.

    Raises:
        WorkspaceError: there is no such asset or partition.
    """
    from assetbook.platform.selection import tasks_of

    unit = space.unit(asset)
    if partition is None or unit.problem:
        return Findings(space, asset, unit)
    tasks = tasks_of([unit], latest=space.currency.latest, settings=space.settings, keys=[partition])
    if len(tasks) > 1:
        raise WorkspaceError(
            f"--partition {partition}: show one partition at a time, such as {tasks[-1].partition}."
        )
    return Findings(space, asset, unit, partition)


@dataclass(frozen=True)
class Findings:
    """An asset, or one partition of it, and what its runs have left.

    Attributes:
        space: the workspace.
        asset: its name.
        unit: what makes it.
        partition: the one that was asked for; None for whatever ran last.
    """

    space: OpenWorkspace
    asset: str
    unit: Unit
    partition: str | None = None

    @property
    def source(self) -> str:
        """The file that makes it, relative to the workspace."""
        return self.space.source(self.unit)

    @property
    def key(self) -> dg.AssetKey:
        """Dagster's key of it."""
        return self.unit.keys[self.unit.names.index(self.asset)]

    @cached_property
    def description(self) -> str:
        """The first paragraph of what it says of itself."""
        if self.unit.problem:
            return ""
        if self.unit.node:
            contract = self.unit.node.contract
            text = contract.options.description or contract.description or contract.title
        else:
            text = self.space.definitions.resolve_asset_graph().get(self.key).description
        return " ".join((text or "").strip().partition("\n\n")[0].split())

    @cached_property
    def made(self) -> Made | None:
        """Its last materialization."""
        latest = self.space.currency.latest
        return latest.of(self.key, self.partition) if self.partition else latest.newest(self.key)

    @property
    def whole(self) -> str | None:
        """What there is of all partitions together; None of what has none, or where one was asked for."""
        from assetbook.cli.results import result_of

        if self.unit.partitions is None or self.partition is not None:
            return None
        return result_of(self.unit, self.key, self.space.currency).text

    @cached_property
    def last(self) -> tuple[Path, Record] | None:
        """The folder and record of the last run of its notebook."""
        return next(self.runs(), None)

    @cached_property
    def last_success(self) -> tuple[Path, Record] | None:
        """The folder and record of the last run that has published."""
        return next((run for run in self.runs() if run[1].status == "success"), None)

    def runs(self) -> Iterator[tuple[Path, Record]]:
        """Give folder and record of the runs of its notebook, newest first."""
        from assetbook.record import FILE, Record, run_folders

        if self.unit.node is None:
            return
        for folder in run_folders(self.space.settings.records, self.unit.node.record_name):
            record = Record.read(folder / FILE)
            if self.partition is None or record.partition == self.partition:
                yield folder, record

    @cached_property
    def failure(self) -> str | None:
        """Why its last run failed, of what is no notebook and leaves no record."""
        return None if self.unit.node else _failure(self.space.instance, self.unit, self.partition, self.made)

    @cached_property
    def versions(self) -> list[Version]:
        """Its versions, newest first; none of a report, nor of what is not in the lake."""
        outputs = self.unit.node.contract.outputs if self.unit.node else ()
        kind = next((output.kind for output in outputs if output.name == self.asset), "table")
        if kind == "model":
            return model_versions((record for _, record in self.runs()), self.asset)
        lake = self.space.currency.lake
        if kind == "table" and lake.exists(self.asset):
            return table_versions(lake, self.asset, partition=self.partition)
        return []

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        folder, _ = self.last or (None, None)
        return {
            "asset": self.asset,
            "group": self.unit.group,
            "source": self.source or None,
            "description": self.description or None,
            "inputs": [source.name for source in self.unit.inputs],
            "problem": self.unit.problem,
            "materialized": _made_json(self.made) if self.made else None,
            "failure": self.failure,
            "folder": str(folder) if folder else None,
            "record": json.loads((folder / "record.json").read_text("utf-8")) if folder else None,
            "versions": [version.as_json() for version in self.versions],
        }


def plain_metadata(made: Made) -> dict[str, Any]:
    """Return the metadata of a materialization that are single words or numbers."""
    return {
        name: value
        for name, value in made.metadata.items()
        if isinstance(value, str | int | float) and "\n" not in str(value)
    }


def _made_json(made: Made) -> Mapping[str, Any]:
    return {
        "at": datetime.fromtimestamp(made.at, UTC).isoformat(timespec="milliseconds"),
        "run_id": made.run_id,
        "partition": made.partition,
        "data_version": made.data_version,
        "metadata": {name: finite(value) for name, value in plain_metadata(made).items()},
    }


def _failure(
    instance: dg.DagsterInstance, unit: Unit, partition: str | None, made: Made | None
) -> str | None:
    """Return the message of the last run, if it failed at this asset and nothing has been made since."""
    entries = [record.asset_entry for record in instance.get_asset_records(list(unit.keys[:1]))]
    run = instance.get_run_by_id(entries[0].last_run_id or "") if entries else None
    if run is None or (made and made.run_id == run.run_id):
        return None
    if partition is not None and run.tags.get("dagster/partition") != partition:
        return None
    return next(_messages(instance, run.run_id, unit), None)


def _messages(instance: dg.DagsterInstance, run_id: str, unit: Unit) -> Iterator[str]:
    from dagster import DagsterEventType

    from assetbook.platform.progress import failure_text

    for record in instance.get_records_for_run(run_id, of_type=DagsterEventType.STEP_FAILURE).records:
        event = record.event_log_entry.dagster_event
        if event is not None and (event.step_key or "").partition(".")[0] == unit.op_name:
            yield failure_text(event)
