"""A sensor for landing files: each file that is not what the table was made from starts its partition, once.

The run key is made of asset, partition, content, and the run that made the table as it is now. So Dagster itself
refuses a second run for one arrival, also after a crash and with two daemons, and a file that cannot be read
fails once; but content that was there before and comes back is read again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from assetbook.declare import TableDeclaration
from assetbook.errors import WorkspaceError
from assetbook.landing import changed_at, fingerprint
from assetbook.platform.currency import landing_of
from assetbook.platform.latest import Latest
from assetbook.platform.partitioning import Definition
from assetbook.platform.python_asset import landing_file, landing_keys
from assetbook.platform.trigger import REASON_TAG
from assetbook.settings import Settings, find_root

EVIDENCE_TAG = "assetbook/landing_content"


def arrival_sensor(
    name: str,
    *,
    tables: Sequence[object],
    also: Sequence[str] = (),
    interval_seconds: int = 30,
    quiet_seconds: float = 5.0,
    running: bool = False,
) -> dg.SensorDefinition:
    """Return a sensor that materializes what has arrived in the landing folder.

    Args:
        name: of the sensor.
        tables: functions marked with ``ab.table`` that read landing files.
        also: assets that are materialized in the same run; with partitions, those of the same key.
        interval_seconds: the least time between two looks.
        quiet_seconds: how long a file must not have changed: one that is still being written waits.
        running: whether it looks from the start; otherwise somebody switches it on.

    Raises:
        WorkspaceError: one of `tables` reads no landing file.
    """
    declarations = [_declaration(table) for table in tables]

    @dg.sensor(
        name=name,
        target=dg.AssetSelection.assets(*(_key(d.name) for d in declarations), *map(_key, also)),
        minimum_interval_seconds=interval_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED,
        description="Materializes the tables whose landing files are new: "
        + ", ".join(d.name for d in declarations),
    )
    def _arrivals(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        look = _Look(context, also=also, quiet_seconds=quiet_seconds)
        for declaration in declarations:
            look.at(declaration)
        return look.result()

    return _arrivals


def _declaration(table: object) -> TableDeclaration:
    found = getattr(table, "__assetbook__", None)
    if not isinstance(found, TableDeclaration) or found.landing is None:
        raise WorkspaceError(f"arrival_sensor: {table!r} is no function with @ab.table(landing=…).")
    return found


def _key(name: str) -> dg.AssetKey:
    return dg.AssetKey(name.split("/"))


@dataclass
class _Look:
    """One look at the landing folder, and what came of it."""

    context: dg.SensorEvaluationContext
    also: Sequence[str]
    quiet_seconds: float
    requests: list[dg.RunRequest] = field(default_factory=list)
    added: list[dg.AddDynamicPartitionsRequest] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._latest = Latest(self.context.instance)

    def at(self, declaration: TableDeclaration) -> None:
        """Request what the landing files of one table ask for."""
        settings = Settings.load(find_root(declaration.source.parent))
        for key in self._keys(declaration, settings):
            path = landing_file(declaration, settings, key)
            if path is None or not path.exists():
                continue
            if time.time() - changed_at(path) < self.quiet_seconds:
                self.remarks.append(f"{path.name} may still be being written.")
                continue
            content = fingerprint(path)
            made = self._latest.of(_key(declaration.name), key)
            if landing_of(made) != content:
                after = made.run_id if made else ""
                self._ask(self._request(declaration, path, key, content, after), path)

    def _ask(self, request: dg.RunRequest, path: Path) -> None:
        """Request a run, unless Dagster has had it already: of one request it makes one run."""
        wanted = dg.RunsFilter(tags={"dagster/run_key": request.run_key or ""})
        before = next(iter(self.context.instance.get_runs(wanted, limit=1)), None)
        if before is None:
            self.requests.append(request)
        elif before.is_finished:
            self.remarks.append(
                f"{path.name} was not taken in: its run {before.run_id[:8]} has ended as {before.status.value}. "
                "Launch it again, or deliver the file anew."
            )

    def result(self) -> dg.SensorResult:
        """Return what Dagster is to do."""
        for remark in self.remarks:
            self.context.log.info(remark)
        nothing = " ".join(["Every landing file has been read as it is now.", *self.remarks])
        return dg.SensorResult(
            run_requests=self.requests,
            skip_reason=None if self.requests else nothing,
            dynamic_partitions_requests=self.added,
        )

    def _keys(self, declaration: TableDeclaration, settings: Settings) -> Iterator[str | None]:
        """Give the partitions whose file is there, and those of a dynamic definition that their files add."""
        definition = self._partitions(declaration)
        if definition is None:
            yield None
            return
        there = landing_keys(declaration, settings)
        known = set(definition.get_partition_keys(dynamic_partitions_store=self.context.instance))
        new = [key for key in there if key not in known]
        if isinstance(definition, dg.DynamicPartitionsDefinition) and new:
            self.added.append(definition.build_add_request(new))
            known.update(new)
        elif new:
            shown = ", ".join(repr(key) for key in new)
            self.remarks.append(f"Landing files of {shown}, which {declaration.name} has no partitions for.")
        yield from (key for key in there if key in known)

    def _partitions(self, declaration: TableDeclaration) -> Definition | None:
        """Return the partitions as the workspace has linked them: they may follow those of another asset."""
        if declaration.options.partitions is None:
            return None
        assert self.context.repository_def is not None  # Dagster loads the workspace before it asks a sensor
        return self.context.repository_def.asset_graph.get(_key(declaration.name)).partitions_def

    def _request(
        self, declaration: TableDeclaration, path: Path, key: str | None, content: str, after: str
    ) -> dg.RunRequest:
        return dg.RunRequest(
            run_key=f"{declaration.name}|{key or ''}|{content}|{after}",
            partition_key=key,
            asset_selection=[_key(name) for name in (declaration.name, *self.also)],
            tags={REASON_TAG: f"{path.name} " + ("changed" if after else "arrived"), EVIDENCE_TAG: content},
        )
