"""What MLflow's registry knows of models: versions, aliases, and what goes in and comes out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assetbook.catalogue.model import Column, Structure, Version
from assetbook.catalogue.records import Kept
from assetbook.errors import AssetbookError
from assetbook.platform.registry import Registry
from assetbook.platform.tracking import MlflowResource
from assetbook.words import number

SHOWN = 10  # versions


@dataclass(frozen=True)
class Model:
    """A model in the registry, or as far as records tell of it.

    Attributes:
        versions: newest first.
        older: how many versions are not among them.
        structure: its inputs, as its signature has them.
        trouble: why MLflow could not be asked.
    """

    versions: tuple[Version, ...] = ()
    older: int = 0
    structure: Structure = field(default_factory=Structure)
    trouble: str = ""


def read_model(name: str, kept: Sequence[Kept], mlflow: MlflowResource | None) -> Model:
    """Return what is known of a model.

    Args:
        name: of the model.
        kept: the records of its notebook, newest first.
        mlflow: where it is registered; None where the workspace has no MLflow.
    """
    recorded = _recorded(name, kept)
    if mlflow is None or not recorded:
        return _model(list(recorded.values()))
    try:
        found = _registered(name, mlflow, recorded)
    except AssetbookError as error:
        return _model(list(recorded.values()), trouble=f"MLflow was not asked: {error}")
    return found


def _model(versions: Sequence[Version], structure: Structure | None = None, *, trouble: str = "") -> Model:
    newest = tuple(sorted(versions, key=lambda version: version.number, reverse=True))
    return Model(newest[:SHOWN], max(len(newest) - SHOWN, 0), structure or Structure(), trouble)


def _recorded(name: str, kept: Sequence[Kept]) -> dict[int, Version]:
    """Return the versions that runs have registered: the earliest run of a version made it."""
    found: dict[int, Version] = {}
    for record in (k.record for k in kept if k.record.status == "success"):
        version = record.outputs.get(name, {}).get("version")
        if version is not None:
            found[int(version)] = Version(
                number=int(version),
                at=datetime.fromisoformat(record.finished),
                note=", ".join(f"{metric} {number(value)}" for metric, value in record.metrics.items()),
                run_id=str(record.dagster.get("run_id") or ""),
            )
    return found


def _registered(name: str, mlflow: MlflowResource, recorded: Mapping[int, Version]) -> Model:
    with mlflow.answering():
        client = mlflow.client()
        versions = list(client.search_model_versions(f"name='{name}'", max_results=1000))
        aliases = dict(client.get_registered_model(name).aliases) if versions else {}
    if not versions:
        return _model(list(recorded.values()), trouble=f"MLflow has no model {name!r} any more.")
    versions.sort(key=lambda version: int(version.version))
    shown = [_version(version, aliases, recorded.get(int(version.version))) for version in versions]
    return _model(shown, _signature(Registry(mlflow), versions[-1]))


def _version(found: Any, aliases: Mapping[str, Any], recorded: Version | None) -> Version:
    number_ = int(found.version)
    called = [alias for alias, version in aliases.items() if int(version) == number_]
    note = [*called, recorded.note if recorded else "", found.description or ""]
    return Version(
        number=number_,
        at=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
        note=" · ".join(text for text in note if text),
        run_id=recorded.run_id if recorded else "",
    )


# ---- signature


def _signature(registry: Registry, version: Any) -> Structure:
    """Return the inputs of a model whose files are on this machine; nothing is downloaded for it."""
    with registry.mlflow.answering():
        source = registry.mlflow.client().get_model_version_download_uri(version.name, version.version)
    if not source.startswith("file:"):
        return Structure()
    return read_signature(registry.folder(version, to=Path()))


def read_signature(folder: Path) -> Structure:
    """Return the inputs of the model in a folder of MLflow's; none where it has no signature."""
    import yaml

    try:
        signature = yaml.safe_load((folder / "MLmodel").read_text("utf-8")).get("signature") or {}
        inputs = json.loads(signature.get("inputs") or "[]")
        outputs = json.loads(signature.get("outputs") or "[]")
    except (OSError, ValueError, AttributeError, yaml.YAMLError):
        return Structure()
    columns = tuple(
        Column(
            name=str(entry.get("name") or f"input {n}"),
            type=_type(entry),
            rules=("never missing",) if entry.get("required", True) else (),
        )
        for n, entry in enumerate(inputs, 1)
    )
    answers = ", ".join(_type(entry) for entry in outputs)
    return Structure(columns, rules=(f"answers with {answers}",) if answers else ())


def _type(entry: Mapping[str, Any]) -> str:
    tensor = entry.get("tensor-spec")
    if not tensor:
        return str(entry.get("type"))
    shape = " × ".join("n" if size == -1 else str(size) for size in tensor.get("shape", ()))  # noqa: RUF001
    return f"{tensor.get('dtype')} ({shape})"
