"""What a run tells its notebook: pinned inputs, declared outputs and checks, where to report.

The platform writes it as a JSON file, names the file in ``ASSETBOOK_RUN``, and starts the kernel; the kernel
reads it at the first ``ab.`` call. Nothing of the Dagster or MLflow instance is in it. It may hold the
lake's storage options, so only its owner can read the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assetbook.errors import SessionError

if TYPE_CHECKING:
    from assetbook.lake import TableVersion

VARIABLE = "ASSETBOOK_RUN"
"""The environment variable that names the context file."""


@dataclass(frozen=True)
class TablePin:
    """An input table, fixed to the version that was current when the run began."""

    table: TableVersion

    def to_json(self) -> dict[str, Any]:
        """Return the pin as JSON-ready data."""
        return {"kind": "table", "table": self.table.to_json()}


@dataclass(frozen=True)
class ModelPin:
    """An input model: the folder of one version, in MLflow's format."""

    path: str
    version: str

    def to_json(self) -> dict[str, Any]:
        """Return the pin as JSON-ready data."""
        return {"kind": "model", "path": self.path, "version": self.version}


@dataclass(frozen=True)
class MissingPin:
    """An input that the notebook declares and that has never been materialized; or that is not here for a `reason`."""

    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the pin as JSON-ready data."""
        return {"kind": "missing", "reason": self.reason}


Pin = TablePin | ModelPin | MissingPin


@dataclass(frozen=True)
class DeclaredOutput:
    """An output that static reading found; `partition` is the key that this run writes."""

    kind: Literal["table", "model"]
    group: str
    partition: str | None = None


@dataclass(frozen=True)
class DeclaredCheck:
    """A check that static reading found."""

    asset: str
    name: str
    blocking: bool = True


@dataclass(frozen=True)
class RunContext:
    """One run of one notebook, as its kernel sees it.

    Attributes:
        run_id: the Dagster run.
        asset: the notebook's own name.
        notebook: its path, relative to `root`.
        root: the workspace folder.
        lake: path or URI of the Delta tables.
        events: the file that the kernel appends to and the platform follows.
        artifacts: the folder for models.
        group: of the notebook's assets.
        partition: the partition key of this run, or None.
        pins: every declared input.
        outputs: every declared output but a report.
        checks: every declared check.
        storage_options: of the lake's object store.
    """

    run_id: str
    asset: str
    notebook: str
    root: str
    lake: str
    events: str
    artifacts: str
    group: str = "default"
    partition: str | None = None
    pins: Mapping[str, Pin] = field(default_factory=dict)
    outputs: Mapping[str, DeclaredOutput] = field(default_factory=dict)
    checks: tuple[DeclaredCheck, ...] = ()
    storage_options: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the context as JSON-ready data."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "storage_options": dict(self.storage_options),
            "pins": {name: pin.to_json() for name, pin in self.pins.items()},
            "outputs": {name: asdict(output) for name, output in self.outputs.items()},
            "checks": [asdict(check) for check in self.checks],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RunContext:
        """Read what `to_json` gave."""
        return cls(
            **{name: data[name] for name in _PLAIN},
            storage_options=data["storage_options"],
            pins={name: _pin(pin) for name, pin in data["pins"].items()},
            outputs={name: DeclaredOutput(**output) for name, output in data["outputs"].items()},
            checks=tuple(DeclaredCheck(**check) for check in data["checks"]),
        )

    def write(self, path: Path) -> None:
        """Write the context to a new file that only its owner can read."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self.to_json(), file)

    @classmethod
    def read(cls, path: Path) -> RunContext:
        """Read the context file.

        Raises:
            SessionError: the file is missing or is no context.
        """
        try:
            return cls.from_json(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SessionError(
                f"{VARIABLE} names {path}, which is not a readable run context "
                f"({type(error).__name__}: {error}). Unset {VARIABLE} to work outside a run."
            ) from None


_PLAIN = ("run_id", "asset", "notebook", "root", "lake", "events", "artifacts", "group", "partition")


def _pin(data: Mapping[str, Any]) -> Pin:
    match data["kind"]:
        case "table":
            from assetbook.lake import TableVersion

            return TablePin(TableVersion.from_json(data["table"]))
        case "model":
            return ModelPin(path=data["path"], version=data["version"])
        case "missing":
            return MissingPin(data["reason"])
        case kind:
            raise ValueError(f"unknown kind of pin {kind!r}")
