"""The last materialization of every asset and partition, asked of Dagster in few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dagster import AssetKey, AssetRecordsFilter, DagsterEventType, DagsterInstance, EventLogRecord

from assetbook.platform.report import INPUTS_KEY

CODE_TAG = "dagster/code_version"
DATA_TAG = "dagster/data_version"
INPUT_TAG = "dagster/input_data_version/"
AT_ONCE = 500  # records in one query


@dataclass(frozen=True)
class Made:
    """What a materialization says of itself."""

    at: float
    run_id: str
    partition: str | None
    tags: Mapping[str, str]
    metadata: Mapping[str, Any]

    @classmethod
    def read(cls, record: EventLogRecord) -> Made:
        """Read Dagster's record of a materialization."""
        made = record.asset_materialization
        assert made is not None
        metadata = {name: value.value for name, value in made.metadata.items()}
        return cls(record.timestamp, record.run_id, made.partition, made.tags or {}, metadata)

    @property
    def code_version(self) -> str | None:
        """The version of the code that ran."""
        return self.tags.get(CODE_TAG)

    @property
    def data_version(self) -> str | None:
        """The version of what it gave."""
        return self.tags.get(DATA_TAG)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters that a notebook ran with; empty for other assets."""
        return self.metadata.get("parameters") or {}

    @property
    def inputs(self) -> Mapping[str, Mapping[str, Any]] | None:
        """What it wrote down of its inputs by itself; None where only Dagster did."""
        return self.metadata.get(INPUTS_KEY)

    @property
    def provenance(self) -> Mapping[str, str]:
        """The data version of each upstream asset as Dagster wrote it down."""
        found = (
            (tag.removeprefix(INPUT_TAG), v) for tag, v in self.tags.items() if tag.startswith(INPUT_TAG)
        )
        return dict(found)


class Latest:
    """Answers for one state of the instance; `forget` what has been materialized since."""

    def __init__(self, instance: DagsterInstance) -> None:
        self.instance = instance
        self._whole: dict[AssetKey, Made | None] = {}
        self._ids: dict[AssetKey, Mapping[str, int]] = {}
        self._read: dict[int, Made] = {}

    def preload(self, keys: Iterable[AssetKey]) -> None:
        """Fetch the last materialization of each asset, whatever its partition, in one query."""
        wanted = list(keys)
        self._whole |= dict.fromkeys(wanted)
        for record in self.instance.get_asset_records(wanted):
            last = record.asset_entry.last_materialization_record
            self._whole[record.asset_entry.asset_key] = Made.read(last) if last else None

    def forget(self, keys: Iterable[AssetKey]) -> None:
        """Look again at these assets at the next question."""
        for key in keys:
            self._whole.pop(key, None)
            self._ids.pop(key, None)

    def of(self, key: AssetKey, partition: str | None) -> Made | None:
        """Return the last materialization of a partition, or of an asset that has none; None if never."""
        if partition is not None:
            return self.partitions(key).get(partition)
        made = self.newest(key)
        return made if made is None or made.partition is None else None  # it had partitions once

    def newest(self, key: AssetKey) -> Made | None:
        """Return the last materialization of an asset, of whatever partition."""
        if key not in self._whole:
            self.preload([key])
        return self._whole[key]

    def partitions(self, key: AssetKey) -> dict[str, Made]:
        """Return the last materialization of each partition that has one."""
        if key not in self._ids:
            self._ids[key] = self.instance.event_log_storage.get_latest_storage_id_by_partition(
                key, DagsterEventType.ASSET_MATERIALIZATION
            )
            self._fetch(key, [n for n in self._ids[key].values() if n not in self._read])
        return {partition: self._read[number] for partition, number in self._ids[key].items()}

    def _fetch(self, key: AssetKey, numbers: list[int]) -> None:
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            wanted = AssetRecordsFilter(asset_key=key, storage_ids=some)
            for record in self.instance.fetch_materializations(wanted, limit=len(some)).records:
                self._read[record.storage_id] = Made.read(record)
