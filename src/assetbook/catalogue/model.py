"""What a catalogue says, as plain data: read once, then written as pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

Kind = Literal["table", "model", "report", "asset", "external"]
State = Literal["current", "stale", "never", "failed", "broken", "external"]
Outcome = Literal["success", "failure", "cancelled"]


@dataclass(frozen=True)
class Column:
    """A column of a table, or an input or output of a model.

    Attributes:
        name: of the column.
        type: as it is stored, else as the schema declares it.
        description: Markdown, from the schema.
        rules: what holds for each value, in words.
        sensitive: whether its values are shown to nobody.
        stored: whether the newest version of the table has it.
    """

    name: str
    type: str
    description: str = ""
    rules: tuple[str, ...] = ()
    sensitive: bool = False
    stored: bool = True


@dataclass(frozen=True)
class Structure:
    """What the rows of a table, or the answers of a model, consist of.

    Attributes:
        columns: in their order.
        about: what the schema says of a row, Markdown.
        rules: what holds for the table as a whole, in words.
    """

    columns: tuple[Column, ...] = ()
    about: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """The first rows of a table, as texts; None is a missing value.

    Attributes:
        columns: names, in their order.
        numeric: those whose values stand at the right.
        rows: from the first one.
        hidden: why there are none, a sentence.
    """

    columns: tuple[str, ...] = ()
    numeric: frozenset[str] = frozenset()
    rows: tuple[tuple[str | None, ...], ...] = ()
    hidden: str = ""


@dataclass(frozen=True)
class Check:
    """A check with its last outcome.

    Attributes:
        name: of the check.
        description: what it says, Markdown.
        passed: None if it was never evaluated.
        blocking: whether nothing is published when it fails.
        at: when it was evaluated.
        detail: what came out, text.
    """

    name: str
    description: str = ""
    passed: bool | None = None
    blocking: bool = False
    at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True)
class Point:
    """A value of a metric; `label` is the moment or the partition that it belongs to."""

    label: str
    value: float


@dataclass(frozen=True)
class Metric:
    """A number with its history, oldest first; without points it has never been reported."""

    name: str
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Setting:
    """A parameter of a notebook, as its launch form has it."""

    name: str
    type: str
    default: str
    description: str = ""


@dataclass(frozen=True)
class Run:
    """A run that made an asset, or tried to.

    Attributes:
        at: when it began; of what is no notebook, when it was done.
        status: what came of it.
        seconds: how long it took, if that is known.
        why: what started it, a sentence.
        partition: the one that it was for.
        run_id: Dagster's.
        parameters: of the notebook.
        inputs: asset to the version that was read.
        message: of a failure.
        page: the executed notebook, to read.
        record: the record of the run.
        mlflow: the id of MLflow's run.
    """

    at: datetime
    status: Outcome
    seconds: float | None = None
    why: str = ""
    partition: str | None = None
    run_id: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    page: Path | None = None
    record: Path | None = None
    mlflow: str = ""


@dataclass(frozen=True)
class Version:
    """A version of a table or a model.

    Attributes:
        number: of the Delta table, or of MLflow's registry.
        at: when it was made.
        rows: that were written.
        partition: the one that was replaced.
        note: what else it says: an alias, metrics, the operation of another tool.
        run_id: Dagster's.
    """

    number: int
    at: datetime | None
    rows: int | None = None
    partition: str | None = None
    note: str = ""
    run_id: str = ""


@dataclass(frozen=True)
class Entry:
    """An asset with all that a reader wants to know of it.

    Attributes:
        name: of the asset.
        kind: table, model, report; another asset of Dagster's; or made elsewhere.
        group: that it belongs to.
        title: the heading of its notebook.
        description: Markdown.
        owners, tags: as declared.
        source: the file that makes it, relative to the workspace.
        inputs: the assets that it is made from.
        readers: the assets that are made from it.
        state: how it is.
        reason: why it is not current; of a broken or failed asset the whole message.
        holds: what there is of it, in a few words.
        facts: name to value of what is declared besides.
        settings: the parameters of its notebook.
        runs: newest first.
        versions: newest first; `older` is how many are not among them.
        trouble: what could not be read, sentences.
    """

    name: str
    kind: Kind
    group: str
    title: str = ""
    description: str = ""
    owners: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    inputs: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    state: State = "never"
    reason: str = ""
    holds: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    structure: Structure = field(default_factory=Structure)
    example: Example | None = None
    settings: tuple[Setting, ...] = ()
    checks: tuple[Check, ...] = ()
    metrics: tuple[Metric, ...] = ()
    runs: tuple[Run, ...] = ()
    versions: tuple[Version, ...] = ()
    older: int = 0
    trouble: tuple[str, ...] = ()

    @property
    def last(self) -> Run | None:
        """The last run."""
        return self.runs[0] if self.runs else None


@dataclass(frozen=True)
class Catalogue:
    """All assets of a workspace at one moment, upstream first."""

    workspace: str
    at: datetime
    entries: tuple[Entry, ...]
