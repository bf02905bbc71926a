"""Whether an asset is current, and if not why: by the versions of its code and of the data it read.

Dagster's own staleness leaves out whole tables that are partitioned by time, so a model would never hear of
a new month. Here every run writes down what it read, and that is compared with what is there now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from dagster import AssetKey, DagsterInstance
from dagster._core.definitions.data_version import SKIP_PARTITION_DATA_VERSION_DEPENDENCY_THRESHOLD

from assetbook.declare import TableDeclaration
from assetbook.errors import LakeError
from assetbook.lake import Lake, TableVersion
from assetbook.landing import fingerprint
from assetbook.platform.latest import Latest, Made
from assetbook.platform.python_asset import LANDING, landing_file
from assetbook.platform.units import Source, Task, Unit
from assetbook.record import FILE as RECORD
from assetbook.record import Record, run_folders
from assetbook.settings import Settings

STORED = "lake version"  # metadata of a materialization that has put a table into the lake


@dataclass(frozen=True)
class Currency:
    """Answers for one state of lake and instance; `forget` what has been materialized since.

    Attributes:
        latest: the last materializations.
        lake: where the tables are.
        settings: the workspace's folders.
    """

    latest: Latest
    lake: Lake
    settings: Settings
    _tables: dict[str, TableVersion | None] = field(default_factory=dict)

    def forget(self, unit: Unit) -> None:
        """Look again at the assets of a unit at the next question."""
        self.latest.forget(unit.keys)
        for name in unit.names:
            self._tables.pop(name, None)

    def own_reason(self, task: Task, parameters: Mapping[str, Any]) -> str | None:
        """Return why the task must run whatever its inputs are; None if nothing of its own says so.

        Args:
            task: an asset, or one partition of it.
            parameters: those that were asked for explicitly; others never make a task run.
        """
        for key in task.unit.keys:
            made = self.latest.of(key, task.partition)
            if made is None:
                return "never materialized"
            if task.unit.code_version and made.code_version != task.unit.code_version:
                return "its code changed"
            if STORED in made.metadata and (wrong := self._wrong(key, task.partition, made)):
                return wrong
            if changed := _changed_parameters(task.unit, made, parameters):
                return changed
        if self._was_killed(task.unit):
            return "its last run was killed"
        declaration = task.unit.declaration
        return self._landing_reason(declaration, task) if declaration else None

    def data_reason(self, task: Task) -> str | None:
        """Return which input has changed since the task last ran; None if none has."""
        made = self._made(task)
        if made is None:
            return "never materialized"
        for source in task.unit.inputs:
            if self._changed(source, task.partition, made):
                return f"{source.name} changed"
        return None

    def missing(self, source: Source, partition: str | None) -> str | None:
        """Return what a task of `partition` reads of an input and nobody has ever made; None if all is there.

        What nothing in the workspace makes is never missing: only its maker can know.
        """
        if source.external:
            return None
        keys = source.read_by(partition)
        for key in keys or [None]:
            made = self.latest.of(source.key, key) if key else self.latest.newest(source.key)
            if made is None and not self._is_stored(source.key, key):
                return f"{source.name}[{key}]" if key else source.name
        return None

    def made(self, task: Task) -> Made:
        """Return the last materialization of a task that is current."""
        found = self._made(task)
        assert found is not None
        return found

    def table(self, name: str) -> TableVersion | None:
        """Return the newest version of a table; None if the lake has none of that name."""
        if name not in self._tables:
            self._tables[name] = self.lake.version(name) if self.lake.exists(name) else None
        return self._tables[name]

    def _made(self, task: Task) -> Made | None:
        return self.latest.of(task.unit.keys[0], task.partition)

    def _is_stored(self, key: AssetKey, partition: str | None) -> bool:
        name = "/".join(key.path)
        if partition is None:
            return self.lake.exists(name)
        table = self.table(name)
        return table is not None and partition in table.partitions

    def _wrong(self, key: AssetKey, partition: str | None, made: Made) -> str | None:
        """Return in what the lake differs from what a materialization says; a killed run may have published."""
        name = "/".join(key.path)
        try:
            stored = self.lake.content(name) if partition is None else self._stored(name, partition)
        except LakeError:
            return "its table cannot be read"
        if stored is None:
            return "its table is gone from the lake"
        return None if stored == made.data_version else "its table is not what its last run made"

    def _stored(self, name: str, partition: str) -> str | None:
        table = self.table(name)
        return table.partitions.get(partition) if table else None

    def _was_killed(self, unit: Unit) -> bool:
        """Whether the last run of a notebook that gives a model was killed: only its record tells."""
        if unit.node is None or all(output.kind != "model" for output in unit.node.contract.outputs):
            return False
        newest = next(run_folders(self.settings.records, unit.node.record_name), None)
        failure = Record.read(newest / RECORD).failure if newest else None
        return failure is not None and failure["reason"] == "killed"

    def _landing_reason(self, declaration: TableDeclaration, task: Task) -> str | None:
        path = landing_file(declaration, self.settings, task.partition)
        if path is None or not path.exists():
            return None
        made = self._made(task)
        return None if landing_of(made) == fingerprint(path) else f"landing file {path.name} changed"

    def _changed(self, source: Source, partition: str | None, made: Made) -> bool:
        """Whether an input is another one than `made` was made from; what has disappeared is not."""
        if made.inputs is not None and source.name in made.inputs:
            now = self._data(source, partition)
            return now is not None and now != made.inputs[source.name].get("data_version")
        now = self._provenance(source, partition)
        return now is not None and now != made.provenance.get(source.name)

    def _data(self, source: Source, partition: str | None) -> str | None:
        """Return the data version of what a notebook reads of an input."""
        keys = source.read_by(partition)
        if keys:
            made = self.latest.of(source.key, keys[0])
        elif source.partitioned:
            table = self.table(source.name)
            return table.data_version if table else None
        else:
            made = self.latest.newest(source.key)
        return made.data_version if made else None

    def _provenance(self, source: Source, partition: str | None) -> str | None:
        """Return the data version of an input as Dagster writes it down for those that do not do it themselves.

        Of partitions that is a hash over their data versions in the order of their keys; of very many, and
        of an asset without partitions, the data version of the last materialization.
        """
        last = self.latest.newest(source.key)
        if source.every is None or last is None:
            return last.data_version if last else None
        keys = source.read_by(partition)
        keys = source.every() if keys is None else keys
        if len(keys) >= SKIP_PARTITION_DATA_VERSION_DEPENDENCY_THRESHOLD:
            return last.data_version
        there = self.latest.partitions(source.key)
        versions = [there[key].data_version or "" for key in sorted(set(keys) & set(there))]
        return sha256("".join(versions).encode()).hexdigest()


def landing_of(made: Made | None) -> str | None:
    """Return the fingerprint of the landing file that an asset, or its partition, was made from."""
    inputs = made.inputs if made else None
    return (inputs or {}).get(LANDING, {}).get("data_version")


def landing_read(instance: DagsterInstance, key: AssetKey, partition: str | None) -> str | None:
    """Return the fingerprint of the landing file that an asset, or its partition, was last made from."""
    return landing_of(Latest(instance).of(key, partition))


def _changed_parameters(unit: Unit, made: Made, wanted: Mapping[str, Any]) -> str | None:
    """Return which of the wanted parameters differ from those of the last run, in words without secrets."""
    before = made.parameters
    changed = [name for name, value in wanted.items() if _json(before.get(name)) != _json(value)]
    if not changed:
        return None
    secrets = unit.node.contract.options.secrets if unit.node else ()
    parts = [
        f"{name} is another" if name in secrets else f"{name} is {wanted[name]}, was {before.get(name)}"
        for name in changed
    ]
    return ", ".join(parts)


def _json(value: Any) -> str:
    return json.dumps(value, default=str, sort_keys=True)
