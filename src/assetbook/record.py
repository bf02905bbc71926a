"""The record that a run of a notebook leaves: one JSON file, beside the executed notebook and its HTML.

Written once, also for a run that failed. `reproduce`, `diff` and lineage read it; its schema is
``docs/reference/record.schema.json`` and changes only with `SCHEMA_VERSION`.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from assetbook.errors import RunError

SCHEMA_VERSION = 1
FILE = "record.json"
NOTEBOOK = "notebook.ipynb"
HTML = "notebook.html"


@dataclass(frozen=True)
class Record:
    """What happened in one run of one notebook.

    Times are ISO 8601 in UTC, durations seconds, memory MiB. `inputs` and `outputs` are by asset name; an
    output that was not published has no version.
    """

    name: str
    notebook: str
    status: Literal["success", "failure"]
    started: str
    finished: str
    seconds: float
    code_version: str
    assets: tuple[str, ...]
    partition: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    checks: tuple[Mapping[str, Any], ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    cells: tuple[Mapping[str, Any], ...] = ()
    peak_memory_mb: float | None = None
    failure: Mapping[str, Any] | None = None
    dagster: Mapping[str, Any] = field(default_factory=dict)
    mlflow: Mapping[str, Any] | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    def write(self, folder: Path) -> Path:
        """Write the record into its run's folder, atomically, and return its path."""
        path = folder / FILE
        draft = path.with_suffix(".json.part")
        try:
            draft.write_text(
                json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str) + "\n", "utf-8"
            )
            draft.replace(path)
        except OSError as error:
            raise RunError(
                f"The record {path} cannot be written: {error}. Free space or mend the rights."
            ) from error
        return path

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record.

        Raises:
            RunError: the file is no record, or one of a later version.
        """
        try:
            data = json.loads(path.read_text("utf-8"))
            version = data["schema_version"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{path} is no readable record: {type(error).__name__}: {error}") from None
        if version != SCHEMA_VERSION:
            raise RunError(
                f"{path} has record schema {version}; this version of Assetbook reads {SCHEMA_VERSION}."
            )
        data["checks"], data["cells"] = tuple(data["checks"]), tuple(data["cells"])
        data["assets"] = tuple(data["assets"])
        return cls(**data)


def run_folders(records: Path, name: str) -> Iterator[Path]:
    """Give the folders of a notebook's finished runs, the newest first.

    Args:
        records: the workspace's folder of records.
        name: the notebook's path below ``notebooks/`` without suffix, such as ``flights/delay_model``.
    """
    folder = records / name
    if folder.is_dir():
        yield from sorted((p.parent for p in folder.glob(f"*/{FILE}")), key=lambda p: p.name, reverse=True)


@cache
def environment() -> dict[str, Any]:
    """Return what the code ran on: Python, platform, and a hash over all installed distributions."""
    installed = sorted({f"{d.name.lower()}=={d.version}" for d in metadata.distributions() if d.name})
    python = platform.python_version()
    digest = hashlib.sha256("\n".join([python, *installed]).encode()).hexdigest()
    return {"python": python, "platform": platform.platform(), "hash": digest, "packages": len(installed)}
