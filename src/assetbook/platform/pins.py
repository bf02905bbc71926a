"""Fixing what a run reads, at its start: table versions of the lake, model versions of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assetbook.errors import LakeError
from assetbook.lake import Lake
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.tracking import MlflowResource
from assetbook.session.context import MissingPin, ModelPin, Pin, TablePin


def pin_inputs(node: NotebookNode, *, lake: Lake, mlflow: MlflowResource | None) -> dict[str, Pin]:
    """Return the version of each declared input that is current now."""
    return {
        name: _model_pin(name, mlflow) if kind == "model" else _table_pin(name, lake)
        for name, kind in node.input_kinds.items()
    }


def input_facts(node: NotebookNode, pins: Mapping[str, Pin], key: str | None) -> dict[str, dict[str, Any]]:
    """Return version and data version of what the run reads, as the record and the staleness test want it.

    Args:
        node: the notebook.
        pins: its pinned inputs.
        key: the partition of the run, or None.
    """
    return {name: _facts(pin, node.partition_of(name, key)) for name, pin in pins.items()}


def _table_pin(name: str, lake: Lake) -> Pin:
    try:
        return TablePin(lake.version(name))
    except LakeError:
        if lake.exists(name):
            raise
        return MissingPin()  # the notebook's own `load` says it, with its cell


def _model_pin(name: str, mlflow: MlflowResource | None) -> Pin:
    found = mlflow.latest_version(name) if mlflow else None
    if mlflow is None or found is None:
        return MissingPin()
    return ModelPin(path=mlflow.model_folder(found), version=str(found.version))


def _facts(pin: Pin, partition: str | None) -> dict[str, Any]:
    match pin:
        case TablePin(table):
            whole = {"kind": "table", "version": table.version, "data_version": table.data_version}
            if partition is None:
                return {**whole, "rows": table.rows}
            return {**whole, "partition": partition, "data_version": table.partitions.get(partition)}
        case ModelPin(version=version):
            return {"kind": "model", "version": version, "data_version": version}
        case MissingPin():
            return {"kind": "missing", "version": None, "data_version": None}
