"""What the platform knows of a notebook without running it.

Plain frozen data, JSON in and out (it is cached by content). How it is read is the other modules' subject.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from assetbook.contract.parameters import Parameter

OutputKind = Literal["table", "model", "report"]
PartitionKind = Literal["hourly", "daily", "weekly", "monthly", "static", "dynamic", "like"]


@dataclass(frozen=True)
class Place:
    """Where in a notebook something stands.

    Code cells count from 1, as ``In [1]`` of a run from top to bottom; the lines of a cell likewise.
    """

    cell: int
    line: int

    def __str__(self) -> str:
        """Return ``cell 3, line 2``, as every message names a place."""
        return f"cell {self.cell}, line {self.line}"


@dataclass(frozen=True)
class Input:
    """An upstream asset that the notebook loads.

    ``partition_parameter`` is the parameter that ``load(name, partition=<parameter>)`` passes on; None means
    that the whole table is read.
    """

    name: str
    place: Place
    partition_parameter: str | None = None


@dataclass(frozen=True)
class Output:
    """An asset that the notebook gives; a report is its executed copy."""

    name: str
    kind: OutputKind
    place: Place
    has_schema: bool = False
    schema_ref: str | None = None  # "assets.flights:FlightFeatures" where it can be told statically


@dataclass(frozen=True)
class Check:
    """A check that the notebook evaluates on one of its outputs."""

    name: str
    asset: str
    place: Place
    blocking: bool = True
    description: str | None = None


@dataclass(frozen=True)
class Partitions:
    """How an asset is partitioned, and the parameter that receives the key."""

    parameter: str
    kind: PartitionKind
    start: str | None = None
    end: str | None = None  # the last key, included
    keys: tuple[str, ...] = ()
    like: str | None = None  # the asset whose partitions these are
    name: str | None = None  # of a dynamic definition


@dataclass(frozen=True)
class Freshness:
    """When an asset counts as stale: after a time window (seconds), or at a deadline of a cron schedule."""

    fail_after: float | None = None
    warn_after: float | None = None
    deadline_cron: str | None = None
    lower_bound: float | None = None  # seconds before the deadline from which a materialization counts
    timezone: str = "UTC"


@dataclass(frozen=True)
class Options:
    """What ``ab.asset(...)`` declares; every field has a default, so that the call is optional."""

    group: str | None = None
    description: str | None = None
    owners: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    partitions: Partitions | None = None
    freshness: Freshness | None = None
    automation: str | None = None  # "eager", "on_missing", or "on_cron <five fields>"
    retries: int = 0
    retry_delay: float = 0.0  # seconds
    pool: str | None = None
    timeout: float | None = None  # seconds for the whole notebook
    memory: int | None = None  # bytes of resident memory of the kernel and its children
    secrets: tuple[str, ...] = ()  # parameters whose values are never written down


@dataclass(frozen=True)
class Problem:
    """Something wrong with a notebook: the message is complete in itself (file, cell, what, fix)."""

    message: str
    place: Place | None = None


@dataclass(frozen=True)
class Contract:
    """A notebook as an asset: all that static reading gives.

    ``problems`` is empty for a notebook that can be an asset. With problems the rest is filled as far as it
    could be read, so that the workspace can still show the asset and say what is wrong.
    """

    path: Path  # relative to the workspace root
    name: str  # the notebook's own name: the file's stem
    title: str | None = None
    description: str | None = None
    parameters: tuple[Parameter, ...] = ()
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    checks: tuple[Check, ...] = ()
    metrics: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    kernel: str | None = None
    code_version: str = ""
    modules: tuple[str, ...] = ()  # workspace files, relative to the root, that the code version covers
    problems: tuple[Problem, ...] = ()

    @property
    def is_report(self) -> bool:
        """Whether the executed notebook itself is the asset."""
        return all(output.kind == "report" for output in self.outputs)

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name, or None."""
        return next((p for p in self.parameters if p.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """Return the contract as JSON-ready data; `assetbook.contract.cache` reads it back."""
        from assetbook.contract.cache import contract_to_json

        return contract_to_json(self)
