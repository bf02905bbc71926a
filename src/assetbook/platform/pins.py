"""Fixing what a run reads, at its start: table versions of the lake, model versions of the registry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assetbook.errors import LakeError
from assetbook.lake import Lake
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.registry import DATA_VERSION_TAG, Registry
from assetbook.platform.tracking import RUN_TAG
from assetbook.session.context import MissingPin, ModelPin, Pin, TablePin


@dataclass(frozen=True)
class PinnedInput:
    """One input of a run.

    Attributes:
        pin: what the notebook is given.
        facts: kind, version, data version, partition, the run that made it: for the record, and for the
            question later whether the run is still current.
    """

    pin: Pin
    facts: dict[str, Any]


def pin_inputs(
    node: NotebookNode, *, partition: str | None, lake: Lake, registry: Registry | None, models: Path
) -> dict[str, PinnedInput]:
    """Return each declared input at the version that is current now.

    Args:
        node: the notebook.
        partition: the partition of the run, or None.
        lake: where the tables are.
        registry: where the models are.
        models: where to put models that are kept elsewhere.
    """
    return {
        name: _model(name, registry, models)
        if kind == "model"
        else _table(name, lake, node.partition_of(name, partition))
        for name, kind in node.input_kinds.items()
    }


def _table(name: str, lake: Lake, partition: str | None) -> PinnedInput:
    try:
        table = lake.version(name)
    except LakeError:
        if lake.exists(name):
            raise
        return _missing("table")
    facts: dict[str, Any] = {"kind": "table", "version": table.version, "data_version": table.data_version}
    if partition is None:
        facts["rows"] = table.rows
    else:
        facts |= {"partition": partition, "data_version": table.partitions.get(partition)}
    if table.run_id:
        facts["run_id"] = table.run_id
    return PinnedInput(TablePin(table), facts)


def _model(name: str, registry: Registry | None, models: Path) -> PinnedInput:
    found = registry.latest_version(name) if registry else None
    if registry is None or found is None:
        return _missing("model")
    version = str(found.version)
    folder = registry.folder(found, to=models / name)
    # a version that was registered by other means has no data version
    data_version = found.tags.get(DATA_VERSION_TAG, version)
    facts = {"kind": "model", "version": version, "data_version": data_version}
    if run_id := found.tags.get(RUN_TAG):
        facts["run_id"] = run_id
    return PinnedInput(ModelPin(path=str(folder), version=version), facts)


def _missing(kind: str) -> PinnedInput:
    # the notebook's own `load` says that there is nothing, with its cell
    return PinnedInput(MissingPin(), {"kind": kind, "version": None, "data_version": None})
