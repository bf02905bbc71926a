"""What the records of a notebook's runs tell: when, how, why, and the history of its metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from assetbook.catalogue.model import Metric, Point, Run
from assetbook.catalogue.wording import cell, moment
from assetbook.errors import RunError
from assetbook.platform.nodes import NotebookNode
from assetbook.record import FILE, HTML, Record, run_folders

READ = 40  # records of one notebook


@dataclass(frozen=True)
class Kept:
    """A record and the folder that it is in."""

    folder: Path
    record: Record

    @property
    def run(self) -> Run:
        """The run as the catalogue shows it."""
        record = self.record
        page = self.folder / HTML
        return Run(
            at=datetime.fromisoformat(record.started),
            status=record.status,
            seconds=record.seconds,
            why=str(record.dagster.get("trigger", {}).get("sentence") or ""),
            partition=record.partition,
            run_id=str(record.dagster.get("run_id") or ""),
            parameters={name: cell(value) or "None" for name, value in record.parameters.items()},
            inputs={name: _version(facts) for name, facts in record.inputs.items()},
            message=str((record.failure or {}).get("message") or ""),
            page=page if page.is_file() else None,
            record=self.folder / FILE,
            mlflow=str((record.mlflow or {}).get("run_id") or ""),
        )


def _version(facts: Mapping[str, Any]) -> str:
    return f"version {facts['version']}" if facts.get("version") is not None else ""


def read_records(records: Path, node: NotebookNode) -> tuple[list[Kept], list[str]]:
    """Return the newest records of a notebook, newest first, and why some cannot be read."""
    found: list[Kept] = []
    trouble: list[str] = []
    for folder in islice(run_folders(records, node.record_name), READ):
        try:
            found.append(Kept(folder, Record.read(folder / FILE)))
        except RunError as error:
            trouble.append(str(error))
    return found, trouble


def metrics(kept: Sequence[Kept], *, declared: Iterable[str], partitioned: bool) -> tuple[Metric, ...]:
    """Return the metrics of a notebook with their values, oldest first; of partitions each with its last one.

    Args:
        kept: newest first.
        declared: the metrics that the notebook names.
        partitioned: whether each run is of a partition.
    """
    runs = [k.record for k in kept if k.record.status == "success"]
    if partitioned:
        newest: dict[str, Record] = {}
        for record in runs:
            newest.setdefault(record.partition or "", record)
        labelled = sorted(newest.items())
    else:
        labelled = [(moment(datetime.fromisoformat(record.started)), record) for record in reversed(runs)]
    names = dict.fromkeys([*declared, *(name for _, record in labelled for name in record.metrics)])
    return tuple(
        Metric(
            name,
            tuple(
                Point(label, float(record.metrics[name]))
                for label, record in labelled
                if math.isfinite(record.metrics.get(name, math.nan))
            ),
        )
        for name in names
    )
