"""Whether an asset is current, and if not why: by the versions of its code and of the data it read.

Dagster's own staleness leaves out whole tables that are partitioned by time, so a model would never hear of
a new month. Here every run writes down what it read, and that is compared with what is there now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import AssetKey, AssetRecordsFilter, DagsterInstance, EventLogRecord

from assetbook.lake import Lake
from assetbook.landing import fingerprint
from assetbook.platform.python_asset import LANDING, landing_file
from assetbook.platform.report import INPUTS_KEY
from assetbook.platform.units import Task, Unit
from assetbook.settings import Settings

CODE_TAG = "dagster/code_version"
DATA_TAG = "dagster/data_version"
INPUT_TAG = "dagster/input_data_version/"


@dataclass
class Currency:
    """Answers for one state of the instance; `forget` what has been materialized since.

    Attributes:
        instance: where Dagster keeps its events.
        lake: where the tables are.
        settings: the workspace's folders.
    """

    instance: DagsterInstance
    lake: Lake
    settings: Settings

    def __post_init__(self) -> None:
        self._records: dict[tuple[AssetKey, str | None], EventLogRecord | None] = {}
        self._whole: dict[str, str | None] = {}

    def preload(self, units: list[Unit]) -> None:
        """Fetch the last materializations of all assets without partitions in one query."""
        keys = [key for unit in units if unit.partitions is None for key in unit.keys]
        for key in keys:
            self._records[key, None] = None
        for record in self.instance.get_asset_records(keys):
            last = record.asset_entry.last_materialization_record
            self._records[record.asset_entry.asset_key, None] = last

    def forget(self, unit: Unit, partition: str | None) -> None:
        """Look again at this asset at the next question."""
        for key in unit.keys:
            self._records.pop((key, partition), None)
            self._whole.pop("/".join(key.path), None)

    def own_reason(self, task: Task, parameters: Mapping[str, Any]) -> str | None:
        """Return why the task must run whatever its inputs are; None if nothing of its own says so.

        Args:
            task: an asset, or one partition of it.
            parameters: those that were asked for explicitly.
        """
        unit = task.unit
        for key in unit.keys:
            name = "/".join(key.path)
            record = self._latest(key, task.partition)
            if record is None:
                return "never materialized"
            materialization = record.asset_materialization
            tags = (materialization.tags if materialization else None) or {}
            if unit.code_version and tags.get(CODE_TAG) != unit.code_version:
                return "its code changed"
            if name in unit.tables and not self.lake.exists(name):
                return "its table is gone from the lake"
            if _other_parameters(record, parameters):
                return "other parameters: " + ", ".join(f"{k}={v}" for k, v in parameters.items())
        return None

    def data_reason(self, task: Task) -> str | None:
        """Return which input has changed since the task last ran; None if none has."""
        record = self._latest(task.unit.keys[0], task.partition)
        if record is None:
            return "never materialized"
        read = _inputs_read(record)
        for source in task.unit.inputs:
            now = self._now(source.name, source.partition(task.partition), partitioned=source.partitioned)
            if source.name not in read:
                if not source.partitioned:
                    return f"new input {source.name}"
                continue
            if now is not None and read[source.name] != now:
                return f"{source.name} changed"
        return self._landing_reason(task, read)

    def _landing_reason(self, task: Task, read: Mapping[str, str | None]) -> str | None:
        declaration = task.unit.declaration
        path = landing_file(declaration, self.settings, task.partition) if declaration else None
        if path is None or not path.is_file():
            return None
        return None if read.get(LANDING) == fingerprint(path) else f"landing file {path.name} changed"

    def _now(self, name: str, partition: str | None, *, partitioned: bool) -> str | None:
        """Return the data version of an input as it is now; None if it has none."""
        if not partitioned or partition is not None:
            return _data_version(self._latest(AssetKey(name.split("/")), partition))
        if name not in self._whole:
            self._whole[name] = self.lake.version(name).data_version if self.lake.exists(name) else None
        return self._whole[name]

    def _latest(self, key: AssetKey, partition: str | None) -> EventLogRecord | None:
        if (key, partition) not in self._records:
            wanted = AssetRecordsFilter(asset_key=key, asset_partitions=[partition] if partition else None)
            found = self.instance.fetch_materializations(wanted, limit=1).records
            self._records[key, partition] = found[0] if found else None
        return self._records[key, partition]


def landing_read(instance: DagsterInstance, key: AssetKey, partition: str | None) -> str | None:
    """Return the fingerprint of the landing file that an asset, or its partition, was last made from."""
    wanted = AssetRecordsFilter(asset_key=key, asset_partitions=[partition] if partition else None)
    found = instance.fetch_materializations(wanted, limit=1).records
    return _inputs_read(found[0]).get(LANDING) if found else None


def _data_version(record: EventLogRecord | None) -> str | None:
    materialization = record.asset_materialization if record else None
    return ((materialization.tags if materialization else None) or {}).get(DATA_TAG)


def _inputs_read(record: EventLogRecord) -> dict[str, str | None]:
    materialization = record.asset_materialization
    if materialization is None:
        return {}
    written = materialization.metadata.get(INPUTS_KEY)
    if isinstance(written, dg.JsonMetadataValue) and isinstance(written.data, dict):
        return {name: facts["data_version"] for name, facts in written.data.items()}
    tags = materialization.tags or {}
    return {
        tag.removeprefix(INPUT_TAG): version for tag, version in tags.items() if tag.startswith(INPUT_TAG)
    }


def _other_parameters(record: EventLogRecord, wanted: Mapping[str, Any]) -> bool:
    if not wanted:
        return False
    materialization = record.asset_materialization
    written = materialization.metadata.get("parameters") if materialization else None
    before = written.data if isinstance(written, dg.JsonMetadataValue) else {}
    assert isinstance(before, dict)
    return any(
        json.dumps(before.get(k), default=str) != json.dumps(v, default=str) for k, v in wanted.items()
    )
