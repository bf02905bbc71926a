"""The record that a run of a notebook leaves: one JSON file, beside the executed notebook and its HTML.

Written once, also for a run that failed. `reproduce`, `diff` and lineage read it; its schema is
``docs/reference/record.schema.json`` and changes only with `SCHEMA_VERSION`.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from assetbook.errors import RunError

SCHEMA_VERSION = 1
FILE = "record.json"
NOTEBOOK = "notebook.ipynb"
HTML = "notebook.html"

Status = Literal["success", "failure", "cancelled"]


@dataclass(frozen=True)
class Record:
    """What happened in one run of one notebook.

    Times are ISO 8601 in UTC, durations seconds, memory MB (10⁶ bytes). `inputs` and `outputs` are by asset name; an
    output that was not published has no version. A metric that is not a number is ``null`` in the file.
    """

    name: str
    notebook: str
    status: Status
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
    shared_memory_mb: float | None = None
    failure: Mapping[str, Any] | None = None
    dagster: Mapping[str, Any] = field(default_factory=dict)
    mlflow: Mapping[str, Any] | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    git: Mapping[str, Any] | None = None
    schema_version: int = SCHEMA_VERSION

    def write(self, path: Path) -> None:
        """Write the record to a file, whole or not at all.

        Raises:
            RunError: the file cannot be written.
        """
        draft = path.with_name(path.name + ".part")
        text = json.dumps(_plain(asdict(self)), indent=1, ensure_ascii=False, allow_nan=False, default=str)
        try:
            # backslashreplace: half a surrogate pair, which UTF-8 cannot hold, becomes JSON's own escape
            draft.write_text(text + "\n", "utf-8", errors="backslashreplace")
            draft.replace(path)
        except OSError as error:
            raise RunError(
                f"The record {path} cannot be written: {error.strerror or error}. Free space or mend the rights."
            ) from error

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record.

        Raises:
            RunError: the file is no record, or one of another version.
        """
        try:
            data = json.loads(path.read_text("utf-8"))
            version = data.pop("schema_version")
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunError(f"{path} is no readable record: {type(error).__name__}: {error}") from None
        if version != SCHEMA_VERSION:
            raise RunError(
                f"{path} has record schema {version}; this version of Assetbook reads {SCHEMA_VERSION}."
            )
        tuples = {name: tuple(data.get(name, ())) for name in ("assets", "checks", "cells")}
        metrics = {name: math.nan if v is None else v for name, v in data.get("metrics", {}).items()}
        try:
            return cls(**{**data, **tuples, "metrics": metrics})
        except TypeError as error:
            known = ", ".join(f.name for f in fields(cls))
            raise RunError(f"{path} is no readable record: {error}. Fields of a record: {known}.") from None


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
def environment() -> Mapping[str, Any]:
    """Return what the code runs on: versions, platform, and a hash over all installed distributions."""
    installed = {d.name.lower().replace("_", "-"): d.version for d in metadata.distributions() if d.name}
    python = platform.python_version()
    listed = [python, *sorted(f"{name}=={version}" for name, version in installed.items())]
    return {
        "python": python,
        "platform": platform.platform(),
        "assetbook": installed.get("assetbook"),
        "papermill": installed.get("papermill"),
        "packages": len(installed),
        "hash": hashlib.sha256("\n".join(listed).encode()).hexdigest(),
    }


def git_commit(root: Path) -> dict[str, str] | None:
    """Return the commit that is checked out where `root` is; None outside a git repository.

    Read from git's own files: a process would cost more than all the rest of the record. Whether files have
    been changed since is not told; the code version is.
    """
    for folder in (root, *root.parents):
        marker = folder / ".git"
        if marker.exists():
            try:
                commit = _head(marker)
            except OSError:  # a repository without its first commit, or one of another user
                return None
            return {"commit": commit} if commit else None
    return None


def _head(marker: Path) -> str | None:
    """Return the commit of HEAD, given ``.git``: a folder, or in a work tree a file that names one."""
    git = marker if marker.is_dir() else (marker.parent / _value(marker, "gitdir:")).resolve()
    head = (git / "HEAD").read_text("utf-8").strip()
    if not head.startswith("ref:"):
        return head
    reference = head.removeprefix("ref:").strip()
    common = git / (git / "commondir").read_text("utf-8").strip() if (git / "commondir").exists() else git
    if (common / reference).is_file():
        return (common / reference).read_text("utf-8").strip()
    for line in (common / "packed-refs").read_text("utf-8").splitlines():
        commit, _, name = line.partition(" ")
        if name == reference:
            return commit
    return None


def _value(file: Path, key: str) -> str:
    return file.read_text("utf-8").removeprefix(key).strip()


def _plain(data: Any) -> Any:
    """Return JSON-like data with null for every number that JSON cannot hold."""
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data
