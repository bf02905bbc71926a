"""The versions of an asset: of a table as the lake's log tells them, of a model as the records of its runs do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from assetbook.cli.results import finite, moment
from assetbook.cli.tables import Column, print_table
from assetbook.words import number

if TYPE_CHECKING:
    from rich.console import Console

    from assetbook.lake import Lake
    from assetbook.record import Record

SHOWN = 10
SHORT = 8  # characters of a run's id, as Dagster's pages show it


@dataclass(frozen=True)
class Version:
    """One version of a table or a model.

    Attributes:
        version: its number: of the Delta table, or of MLflow's registry.
        at: when it was made, ISO 8601 in UTC.
        run_id: of the Dagster run that made it; None if no run did.
        operation: what else made it: Delta's name for it.
        partition: the one that was replaced; None for the whole table.
        rows: of what was written.
        metrics: of the run that registered a model.
    """

    version: int
    at: str
    run_id: str | None = None
    operation: str | None = None
    partition: str | None = None
    rows: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what is known of it, ready for JSON."""
        facts = asdict(self) | {"metrics": {name: finite(value) for name, value in self.metrics.items()}}
        return {name: value for name, value in facts.items() if value not in (None, {})}


def table_versions(lake: Lake, name: str, *, partition: str | None = None) -> list[Version]:
    """Return the versions of a table, newest first; with a partition, those that have changed it."""
    return [
        _of_commit(commit)
        for commit in lake.history(name)
        if partition is None or commit["partition"] in (None, partition)
    ]


def _of_commit(commit: Mapping[str, Any]) -> Version:
    """Return the version that a commit made; only what a run has written has a data version."""
    by_run = bool(commit["data_version"])
    return Version(
        version=commit["version"],
        at=commit["timestamp"],
        run_id=commit["stamp"].get("run_id") if by_run else None,
        operation=None if by_run else commit["operation"],
        partition=commit["partition"],
        rows=commit["rows"] if by_run else None,
    )


def model_versions(records: Iterable[Record], name: str) -> list[Version]:
    """Return the versions of a model, newest first.

    Args:
        records: of the runs of its notebook, newest first.
        name: of the model.
    """
    found: dict[int, Version] = {}
    for record in records:
        version = record.outputs.get(name, {}).get("version")
        if record.status == "success" and version is not None:  # the earliest run of a version made it
            run_id = record.dagster.get("run_id")
            found[int(version)] = Version(int(version), record.finished, run_id, metrics=record.metrics)
    return sorted(found.values(), key=lambda version: version.version, reverse=True)


def print_versions(out: Console, versions: Sequence[Version]) -> None:
    """Print the newest versions, and how many more there are."""
    shown = versions[:SHOWN]
    columns = [
        Column("version", [str(v.version) for v in shown], right=True),
        Column("when", [moment(v.at) for v in shown]),
        Column("rows", [f"{v.rows:,}" if v.rows is not None else "" for v in shown], right=True),
        Column("partition", [v.partition or "" for v in shown], spare=1),
        Column("metrics", [_metrics(v) for v in shown], spare=3, folds=True),
        Column(
            "run", [v.run_id[:SHORT] if v.run_id else (v.operation or "").lower() for v in shown], spare=2
        ),
    ]
    print_table(out, [column for column in columns if any(column.cells)])
    if len(versions) > SHOWN:
        out.print(f"[dim]{len(versions) - SHOWN:,} older; --json has all[/]")


def _metrics(version: Version) -> str:
    from rich.markup import escape

    return escape(", ".join(f"{name} {number(value)}" for name, value in version.metrics.items()))
