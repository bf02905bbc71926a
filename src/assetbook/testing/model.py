"""What a trial of a notebook gives: plain data, for tests, for the command line and for pytest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from assetbook.words import counted

Status = Literal["passed", "failed", "skipped"]
ROWS = 1_000  # of each input, by default


class TrialFailed(AssertionError):  # noqa: N818 - what a test fails with is a failure, as unittest has it
    """A notebook that did not pass; the message says where and why."""


@dataclass(frozen=True)
class TriedInput:
    """What a notebook was given for one of its inputs.

    Attributes:
        name: the asset.
        rows: how many rows; None of a model.
        origin: where they come from, in words.
        made: whether they were made from a schema, and are nobody's real rows.
    """

    name: str
    rows: int | None
    origin: str
    made: bool = False

    @property
    def text(self) -> str:
        """``flights: 1,000 rows, from the lake``."""
        rows = "" if self.rows is None else f"{counted(self.rows, 'row')}, "
        return f"{self.name}: {rows}{self.origin}"


@dataclass(frozen=True)
class Trial:
    """How the trial of one notebook went.

    Attributes:
        name: of the notebook: its file without suffix.
        notebook: the file, relative to the workspace.
        status: passed, failed or skipped.
        message: why it failed or was skipped.
        warnings: what should be known though it passed, a sentence each.
        partition: the key that it ran for, if it has partitions.
        parameters: the values of its parameters; of secret ones a mask.
        inputs: what it was given.
        rows: table to the number of its rows.
        models: the names of its models.
        metrics: by name.
        checks: name to whether it passed.
        seconds: how long all of it took.
        folder: where inputs, outputs and executed notebooks are, if they were kept.
        tables: the tables that it has saved, as pandas has them; none if it failed.
    """

    name: str
    notebook: Path
    status: Status
    message: str = ""
    warnings: tuple[str, ...] = ()
    partition: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    inputs: tuple[TriedInput, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    checks: Mapping[str, bool] = field(default_factory=dict)
    seconds: float = 0.0
    folder: Path | None = None
    tables: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with it, as far as it was tried."""
        return self.status != "failed"

    @property
    def title(self) -> str:
        """``flight_features[2013-01]``: the notebook, and its partition if it has any."""
        return f"{self.name}[{self.partition}]" if self.partition else self.name

    @property
    def results(self) -> tuple[str, ...]:
        """What it gave, in words: ``scores 250 rows``, ``delay_model``; nothing if it failed."""
        if self.status != "passed":
            return ()
        if not self.rows and not self.models:
            return ("report",)
        return (*(f"{name} {counted(rows, 'row')}" for name, rows in self.rows.items()), *self.models)

    def as_json(self) -> dict[str, Any]:
        """Return it without the tables, ready for JSON."""
        return {
            "name": self.name,
            "notebook": self.notebook.as_posix(),
            "status": self.status,
            "message": self.message or None,
            "warnings": list(self.warnings),
            "partition": self.partition,
            "parameters": dict(self.parameters),
            "inputs": [
                {"name": i.name, "rows": i.rows, "origin": i.origin, "made": i.made} for i in self.inputs
            ],
            "rows": dict(self.rows),
            "models": list(self.models),
            "metrics": dict(self.metrics),
            "checks": dict(self.checks),
            "seconds": round(self.seconds, 3),
            "folder": str(self.folder) if self.folder else None,
        }
