"""MLflow: one run for each materialization of a notebook, written when its outcome is known.

`dagster_mlflow` ties one MLflow run to one Dagster run, which races under parallel steps and stays RUNNING
when nothing ends it. Here each step opens a run of its own, hands it to `dagster_mlflow`, and ends it.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field, PrivateAttr

if TYPE_CHECKING:
    from dagster_mlflow.resources import MlFlow

RUN_TAG = "dagster_run_id"
DATA_VERSION_TAG = "assetbook.data_version"


class MlflowResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where runs are tracked and models registered."""

    tracking_uri: str = Field(
        description="MLflow tracking and registry URI, such as sqlite:////data/mlflow.db"
    )
    experiment: str = Field(description="The experiment that all runs of this workspace belong to")
    artifact_location: str | None = Field(
        default=None, description="Where a new experiment keeps its files; MLflow's own default if empty"
    )
    _ready: bool = PrivateAttr(default=False)

    def warm_up(self) -> threading.Thread:
        """Import MLflow on a thread of its own: it takes seconds, which a running notebook hides."""
        thread = threading.Thread(target=_import_mlflow, name="assetbook-import-mlflow", daemon=True)
        thread.start()
        return thread

    @contextmanager
    def run(
        self,
        context: dg.AssetExecutionContext,
        *,
        name: str,
        started: float | None = None,
        tags: Mapping[str, str] | None = None,
        failed: bool = False,
    ) -> Iterator[MlFlow]:
        """Open an MLflow run for this step and end it; FAILED if the body raises, or if `failed` says so.

        Args:
            context: the step's context; its Dagster run, partition and retry become tags.
            name: the name that MLflow shows.
            started: Unix time in seconds when the work began; now by default.
            tags: more tags of the run.
            failed: whether the work that is logged came to nothing.

        Yields:
            dagster-mlflow's resource on that run: all of MLflow's functions, logging into it.
        """
        client = self._client()
        self._end_abandoned(client, context.instance)
        experiment = self._experiment_id(client)
        run = client.create_run(
            experiment,
            run_name=name,
            start_time=int(started * 1000) if started else None,
            tags={**_step_tags(context), **(tags or {})},
        )
        mlflow = self._bind(context, run.info.run_id)
        try:
            yield mlflow
        except BaseException:
            mlflow.end_run("FAILED")
            raise
        mlflow.end_run("FAILED" if failed else "FINISHED")

    def latest_version(self, name: str) -> Any | None:
        """Return MLflow's newest version of the model `name`, or None."""
        from mlflow.exceptions import MlflowException

        client = self._client()
        try:
            versions = client.search_model_versions(
                f"name='{name}'", order_by=["version_number DESC"], max_results=1
            )
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise
        return versions[0] if versions else None

    def model_folder(self, version: Any) -> str:
        """Return a local folder with the files of a model version, in MLflow's format."""
        import mlflow

        self._client()
        return str(mlflow.artifacts.download_artifacts(f"models:/{version.name}/{version.version}"))

    def register(
        self, name: str, folder: Path, *, run_id: str, data_version: str, tags: Mapping[str, str]
    ) -> tuple[str, bool]:
        """Make `folder` a version of the model `name`, unless the newest version has the same content.

        Args:
            name: the registered model.
            folder: a complete model in MLflow's format.
            run_id: the MLflow run that it came from.
            data_version: the hash of the model's content.
            tags: of the version.

        Returns:
            The version, and whether it is new.
        """
        client = self._client()
        latest = self.latest_version(name)
        if latest is not None and latest.tags.get(DATA_VERSION_TAG) == data_version:
            return str(latest.version), False
        model_id = self._log_model(client, name, folder, run_id)
        _ensure_registered(client, name)
        version = client.create_model_version(
            name,
            source=f"models:/{model_id}",
            run_id=run_id,
            model_id=model_id,
            tags={**tags, DATA_VERSION_TAG: data_version},
        )
        return str(version.version), True

    def unregister(self, name: str, version: str) -> None:
        """Take a version back that was registered in vain."""
        self._client().delete_model_version(name, version)

    def _log_model(self, client: Any, name: str, folder: Path, run_id: str) -> str:
        from mlflow.entities import LoggedModelOutput

        logged = client.create_logged_model(self._experiment_id(client), name=name, source_run_id=run_id)
        client.log_model_artifacts(logged.model_id, str(folder))
        client.finalize_logged_model(logged.model_id, "READY")
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, 0)])
        return str(logged.model_id)

    def _bind(self, context: dg.AssetExecutionContext, run_id: str) -> MlFlow:
        """Give the run to dagster-mlflow, by the configuration that `mlflow_tracking` takes."""
        from dagster_mlflow.resources import MlFlow

        config = {
            "experiment_name": self.experiment,
            "mlflow_tracking_uri": self.tracking_uri,
            "mlflow_run_id": run_id,
            "env": {},
            "extra_tags": {},
        }
        silent = SimpleNamespace(info=lambda _: None)  # it announces each run as if it were news
        return MlFlow(
            SimpleNamespace(
                log=silent, dagster_run=context.run, run_id=context.run.run_id, resource_config=config
            )
        )

    def _client(self) -> Any:
        _import_mlflow()
        import mlflow

        if self.tracking_uri.startswith("sqlite:///"):
            Path(self.tracking_uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        mlflow.set_tracking_uri(self.tracking_uri)
        mlflow.set_registry_uri(self.tracking_uri)
        return mlflow.MlflowClient()

    def _experiment_id(self, client: Any) -> str:
        from mlflow.exceptions import MlflowException

        found = client.get_experiment_by_name(self.experiment)
        if found is None:
            try:
                return str(client.create_experiment(self.experiment, self.artifact_location))
            except MlflowException:  # a parallel step was first
                found = client.get_experiment_by_name(self.experiment)
                if found is None:
                    raise
        return str(found.experiment_id)

    def _end_abandoned(self, client: Any, instance: dg.DagsterInstance) -> None:
        """End the MLflow runs whose Dagster run is over: their step was killed before it could."""
        experiment = self._experiment_id(client)
        for run in client.search_runs([experiment], "attributes.status = 'RUNNING'", max_results=50):
            dagster_run_id = run.data.tags.get(RUN_TAG)
            dagster_run = instance.get_run_by_id(dagster_run_id) if dagster_run_id else None
            if dagster_run_id and (dagster_run is None or dagster_run.is_finished):
                client.set_terminated(run.info.run_id, "KILLED")


def _import_mlflow() -> None:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    # dagster-mlflow is marked beta in every release; the warning tells a user nothing that she can act on
    warnings.filterwarnings("ignore", message=".*_create_mlflow_run_hook.*", category=dg.BetaWarning)
    import dagster_mlflow  # noqa: F401
    import mlflow  # noqa: F401


def _ensure_registered(client: Any, name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _step_tags(context: dg.AssetExecutionContext) -> dict[str, str]:
    tags = {
        RUN_TAG: context.run.run_id,
        "dagster_step": context.op_execution_context.op_handle.name,
        "dagster_retry": str(context.op_execution_context.retry_number),
    }
    if context.has_partition_key:
        tags["partition"] = context.partition_key
    return tags
