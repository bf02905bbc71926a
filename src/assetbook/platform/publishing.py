"""Making visible what a good run has given: MLflow's run and model versions first, the lake's tables last.

The commit of the tables is the point of no return. All that can fail comes before it, and what was
registered for nothing is taken back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assetbook.errors import AssetbookError
from assetbook.lake import TableVersion
from assetbook.platform.attempt import Attempt
from assetbook.platform.model_content import content_hash
from assetbook.platform.outcome import Outcome
from assetbook.platform.registry import RegisteredModel, Registry
from assetbook.platform.tracking import RUN_TAG
from assetbook.record import NOTEBOOK

if TYPE_CHECKING:
    from dagster_mlflow.resources import MlFlow

PARAMETER_LIMIT = 6_000  # characters of a parameter's value in MLflow
NAME_LIMIT = 250  # of the name of a metric there
_FORBIDDEN = re.compile(r"[^\w./\- ]")


@dataclass(frozen=True)
class Published:
    """What a run has made visible.

    Attributes:
        tables: by name.
        models: by name.
        mlflow_run: the id of MLflow's run; None in a deployment without MLflow.
    """

    tables: Mapping[str, TableVersion] = field(default_factory=dict)
    models: Mapping[str, RegisteredModel] = field(default_factory=dict)
    mlflow_run: str | None = None


def publish(attempt: Attempt, outcome: Outcome) -> Published:
    """Publish all that the notebook has given, or nothing.

    Raises:
        AssetbookError: why nothing was published.
    """
    models: dict[str, RegisteredModel] = {}
    mlflow_run = None
    try:
        if attempt.mlflow is not None:
            mlflow_run = _track(attempt, outcome, registered=models)
        tables = attempt.lake.publish(outcome.staged, stamp=_stamp(attempt))
    except BaseException:
        _take_back(attempt, models, mlflow_run)
        raise
    return Published({table.name: table for table in tables}, models, mlflow_run)


def track_failure(attempt: Attempt, outcome: Outcome) -> str | None:
    """Log a run that came to nothing; return the id of MLflow's run."""
    if attempt.mlflow is None:
        return None
    name = attempt.node.contract.name
    with (
        attempt.mlflow.answering(),
        attempt.mlflow.run(attempt.context, name=name, started=attempt.started, failed=True) as mlflow,
    ):
        _log(attempt, outcome, mlflow)
        return str(mlflow.active_run().info.run_id)


def _track(attempt: Attempt, outcome: Outcome, *, registered: dict[str, RegisteredModel]) -> str:
    """Log the run and register its models, which are added to `registered` one by one."""
    assert attempt.mlflow is not None
    name = attempt.node.contract.name
    with (
        attempt.mlflow.answering(),
        attempt.mlflow.run(attempt.context, name=name, started=attempt.started) as mlflow,
    ):
        run_id = str(mlflow.active_run().info.run_id)
        _log(attempt, outcome, mlflow)
        for model, event in outcome.models.items():
            folder = Path(event["path"])
            registered[model] = Registry(attempt.mlflow).register(
                model,
                folder,
                run_id=run_id,
                data_version=content_hash(folder, signature=event.get("signature")),
                tags=_facts(attempt) | {f"metric.{k}": str(v) for k, v in _named(event.get("metrics"))},
            )
    return run_id


def _log(attempt: Attempt, outcome: Outcome, mlflow: MlFlow) -> None:
    mlflow.log_params({k: str(v)[:PARAMETER_LIMIT] for k, v in attempt.shown_parameters.items()})
    mlflow.log_metrics(dict(_named(outcome.metrics)))
    mlflow.set_tags(_facts(attempt))
    if (attempt.folder / NOTEBOOK).exists():
        mlflow.log_artifact(str(attempt.folder / NOTEBOOK))


def _named(metrics: Mapping[str, float] | None) -> list[tuple[str, float]]:
    """Return metrics under names that MLflow takes."""
    return [(_FORBIDDEN.sub("_", name)[:NAME_LIMIT], float(v)) for name, v in (metrics or {}).items()]


def _facts(attempt: Attempt) -> dict[str, str]:
    """Return what MLflow is told of a run, as tags: where it came from."""
    read = {f"input.{n}": f"{f['version']} {f['data_version']}" for n, f in attempt.inputs.items()}
    contract = attempt.node.contract
    return {
        **read,
        "notebook": contract.path.as_posix(),
        "code_version": contract.code_version,
        "record": str(attempt.folder),
        RUN_TAG: attempt.context.run.run_id,
    }


def _stamp(attempt: Attempt) -> dict[str, str]:
    contract = attempt.node.contract
    return {
        "run_id": attempt.context.run.run_id,
        "notebook": contract.path.as_posix(),
        "code_version": contract.code_version,
        **({"partition": attempt.partition} if attempt.partition else {}),
    }


def _take_back(attempt: Attempt, models: Mapping[str, RegisteredModel], mlflow_run: str | None) -> None:
    """Undo what MLflow was told; what cannot be undone is said, and the failure itself goes on."""
    if attempt.mlflow is None:
        return
    try:
        for model in models.values():
            Registry(attempt.mlflow).take_back(model)
        if mlflow_run is not None:
            attempt.mlflow.mark_failed(mlflow_run)
    except AssetbookError as error:
        versions = ", ".join(f"{m.name} {m.version}" for m in models.values() if m.new) or "none"
        attempt.context.log.error(f"Model versions to delete by hand ({versions}): {error}")
