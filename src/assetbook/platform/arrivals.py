"""A sensor for landing files: each content of each file starts its partition once.

The run key is made of asset, partition and content, so Dagster itself refuses a second run for one content,
also after a crash and with two daemons. What a run has already read needs none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from assetbook.declare import TableDeclaration
from assetbook.errors import WorkspaceError
from assetbook.landing import fingerprint
from assetbook.platform.currency import landing_read
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
    running: bool = False,
) -> dg.SensorDefinition:
    """Return a sensor that materializes what has arrived in the landing folder.

    Args:
        name: of the sensor.
        tables: functions marked with ``ab.table`` that read landing files.
        also: assets that are materialized in the same run; with partitions, those of the same key.
        interval_seconds: the least time between two looks.
        running: whether it looks from the start; otherwise somebody switches it on.

    Raises:
        WorkspaceError: one of `tables` reads no landing file.
    """
    declarations = [_declaration(table) for table in tables]
    keys = [dg.AssetKey(d.name.split("/")) for d in declarations]
    selection = dg.AssetSelection.assets(*keys, *[dg.AssetKey(n.split("/")) for n in also])

    @dg.sensor(
        name=name,
        target=selection,
        minimum_interval_seconds=interval_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED,
        description="Materializes the tables whose landing files are new: "
        + ", ".join(d.name for d in declarations),
    )
    def _arrivals(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        settings = Settings.load(find_root(declarations[0].source.parent))
        requests: list[dg.RunRequest | dg.SkipReason]
        requests = [r for d in declarations for r in _requests(d, settings, context.instance, also)]
        yield from requests or [dg.SkipReason("Every landing file has been read as it is now.")]

    return _arrivals


def _declaration(table: object) -> TableDeclaration:
    found = getattr(table, "__assetbook__", None)
    if not isinstance(found, TableDeclaration) or found.landing is None:
        raise WorkspaceError(f"arrival_sensor: {table!r} is no function with @ab.table(landing=…).")
    return found


def _requests(
    declaration: TableDeclaration, settings: Settings, instance: dg.DagsterInstance, also: Sequence[str]
) -> Iterator[dg.RunRequest]:
    partitioned = declaration.options.partitions is not None
    for key in landing_keys(declaration, settings) if partitioned else [None]:
        path = landing_file(declaration, settings, key)
        if path is None or not path.is_file():
            continue
        content = fingerprint(path)
        if landing_read(instance, dg.AssetKey(declaration.name.split("/")), key) != content:
            yield _request(declaration, path, key, content, also)


def _request(
    declaration: TableDeclaration, path: Path, key: str | None, content: str, also: Sequence[str]
) -> dg.RunRequest:
    names = [declaration.name, *also]
    return dg.RunRequest(
        run_key=f"{declaration.name}|{key or ''}|{content}",
        partition_key=key,
        asset_selection=[dg.AssetKey(name.split("/")) for name in names],
        tags={REASON_TAG: f"{path.name} arrived", EVIDENCE_TAG: content},
    )
