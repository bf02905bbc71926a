"""A linked notebook: its contract together with what only the whole workspace knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assetbook.contract import Contract, Output, Partitions
from assetbook.contract.model import OutputKind
from assetbook.settings import Settings

GROUPS: dict[OutputKind, str] = {"table": "features", "model": "models", "report": "reports"}


@dataclass(frozen=True)
class NotebookNode:
    """One notebook of the workspace, ready to become a Dagster asset.

    Attributes:
        contract: what static reading found.
        op_name: the name of its computation in Dagster, unique in the workspace.
        partitions: with ``like`` followed to its end.
        input_kinds: table or model, for each input.
        input_partitions: the partitions of each input that has any.
        settings: the workspace's folders.
    """

    contract: Contract
    op_name: str
    partitions: Partitions | None
    input_kinds: Mapping[str, OutputKind]
    input_partitions: Mapping[str, Partitions]
    settings: Settings

    @property
    def record_name(self) -> str:
        """The path below ``notebooks/`` without suffix: where this notebook's records are."""
        return record_name(self.contract.path)

    def group(self, output: Output) -> str:
        """Return the group of an output: the declared one, else that of the notebook's main kind."""
        if self.contract.options.group:
            return self.contract.options.group
        kinds = {o.kind for o in self.contract.outputs}
        return GROUPS["model" if "model" in kinds else output.kind]

    def partition_of(self, name: str, key: str | None) -> str | None:
        """Return the partition of input `name` that a run of partition `key` reads; None for all of it."""
        source = next(i for i in self.contract.inputs if i.name == name)
        bound = self.partitions is not None and source.partition_parameter == self.partitions.parameter
        return key if bound and name in self.input_partitions else None


def record_name(path: Path) -> str:
    """Return a notebook's path below ``notebooks/`` without suffix, such as ``flights/delay_model``."""
    parts = path.with_suffix("").parts
    return "/".join(parts[1:] if parts[0] == "notebooks" else parts)
