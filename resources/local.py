"""Where everything lives on one machine: the lake, MLflow and DuckDB, all below the workspace's data folder."""

from __future__ import annotations

from typing import Any

from dagster_duckdb import DuckDBResource

from assetbook.platform import LakeIOManager, MlflowResource
from assetbook.settings import Settings


def resources(settings: Settings) -> dict[str, Any]:
    """Return the resources of this deployment by name."""
    return {
        "io_manager": LakeIOManager(root=settings.lake),
        "duckdb": DuckDBResource(database=":memory:"),
        "mlflow": MlflowResource(
            tracking_uri=settings.mlflow,
            experiment=settings.name,
            artifact_location=settings.mlflow_artifacts.as_uri(),
        ),
    }
