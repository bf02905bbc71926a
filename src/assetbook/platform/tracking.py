"""MLflow: one run for each materialization, opened and ended by its own step.

`dagster_mlflow` ties one MLflow run to one Dagster run, which races under parallel steps and stays RUNNING
when nothing ends it. Here each step opens a run of its own, hands it to `dagster_mlflow`, and ends it.
"""

from __future__ import annotations

import os
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_shared.utils.warnings import disable_dagster_warnings
from filelock import FileLock
from pydantic import Field, PrivateAttr

from assetbook.errors import RunError
from assetbook.platform.process import is_gone, this_process

if TYPE_CHECKING:
    from dagster_mlflow.resources import MlFlow

RUN_TAG = "dagster_run_id"
PROCESS_TAG = "assetbook.process"
_ONE_AT_A_TIME = threading.Lock()
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^/@]*@")


class MlflowResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where runs are tracked and models registered."""

    tracking_uri: str = Field(
        description="MLflow tracking and registry URI, such as sqlite:////data/mlflow.db"
    )
    experiment: str = Field(description="The experiment that all runs of this workspace belong to")
    artifact_location: str | None = Field(
        default=None, description="Where a new experiment keeps its files; MLflow's own default if empty"
    )
    _warming: threading.Thread | None = PrivateAttr(default=None)
    _ready: bool = PrivateAttr(default=False)
    _open: set[str] = PrivateAttr(default_factory=set)  # steps of this run that have an MLflow run open

    def warm_up(self) -> None:
        """Begin to get MLflow ready on a thread of its own: it takes seconds, which a running notebook hides."""
        with _ONE_AT_A_TIME:  # the notebooks of a run share this resource
            if self._warming is None:
                thread = threading.Thread(target=self._warm, name="assetbook-mlflow", daemon=True)
                thread.start()
                self._warming = thread

    def _warm(self) -> None:
        _import_mlflow()
        with suppress(Exception):  # whatever it is: the call that needs MLflow meets it too, and says it
            self._make_database()

    def _imported(self) -> None:
        if self._warming is not None:
            self._warming.join()
        _import_mlflow()

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
        """Open an MLflow run for this step and end it: FAILED if the body raises, or if `failed` says so.

        A Python asset logs with ``with context.resources.mlflow.run(context, name="…") as mlflow:``.

        Args:
            context: the step's context; its Dagster run, partition and retry become tags.
            name: the name that MLflow shows.
            started: Unix time in seconds when the work began; now by default.
            tags: more tags of the run.
            failed: whether the work that is logged came to nothing.

        Yields:
            dagster-mlflow's resource on that run: all of MLflow's functions, logging into it.

        Raises:
            RunError: MLflow cannot be reached, or the step has a run open already.
        """
        step = context.op_execution_context.op_handle.name
        if step in self._open:
            raise RunError("This step has an MLflow run open already: log into that one.")
        with self.answering():
            client = self.client()
            self._end_abandoned(client, context.instance)
            run_id = client.create_run(
                self.experiment_id(client),
                run_name=name,
                start_time=int(started * 1000) if started else None,
                tags={**_step_tags(context), **(tags or {})},
            ).info.run_id
        self._open.add(step)
        try:
            with self.answering():
                mlflow = self._bind(context, run_id, name)
            yield mlflow
        except BaseException as error:
            self._end(client, run_id, "FAILED" if isinstance(error, Exception) else "KILLED")
            raise
        else:
            self._end(client, run_id, "FAILED" if failed else "FINISHED")
        finally:
            self._open.discard(step)

    def mark_failed(self, run_id: str) -> None:
        """Say of a run that has ended that it came to nothing after all."""
        with self.answering():
            self.client().set_terminated(run_id, "FAILED")

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Turn what MLflow, its database or its server refuses into an error that says which one it was."""
        self._imported()
        from alembic.util import CommandError
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (MlflowException, SQLAlchemyError, CommandError, OSError) as error:
            reason = str(error).partition("\n")[0]
            message = (
                f"MLflow at {self.tracking_uri} does not do what a run needs: {reason}. "
                "Check that it is reachable, and not locked or full."
            )
            raise RunError(_PASSWORD.sub(r"\1:***@", message)) from error

    def _bind(self, context: dg.AssetExecutionContext, run_id: str, name: str) -> MlFlow:
        """Give the run to dagster-mlflow, by the configuration that `mlflow_tracking` takes."""
        import mlflow
        from dagster_mlflow.resources import MlFlow

        while mlflow.active_run():  # dagster-mlflow would log into a run that somebody has left open
            mlflow.end_run()
        config = {
            "experiment_name": self.experiment,
            "mlflow_tracking_uri": self.tracking_uri,
            "mlflow_run_id": run_id,
            "env": {},
            "extra_tags": {},
        }
        silent = SimpleNamespace(info=lambda _: None)  # it announces each run as if it were news
        named = SimpleNamespace(job_name=name)  # it renames the run to this
        with disable_dagster_warnings():  # "beta" in every release; a user can do nothing about it
            return MlFlow(
                SimpleNamespace(
                    log=silent, dagster_run=named, run_id=context.run.run_id, resource_config=config
                )
            )

    def _end(self, client: Any, run_id: str, status: str) -> None:
        import mlflow

        active = mlflow.active_run()
        with self.answering():
            if active is not None and active.info.run_id == run_id:
                mlflow.end_run(status)
            else:
                client.set_terminated(run_id, status)

    def client(self) -> Any:
        """Return MLflow's client of this server; to be used within `answering`."""
        self._imported()
        import mlflow

        mlflow.set_tracking_uri(self.tracking_uri)
        mlflow.set_registry_uri(self.tracking_uri)
        self._make_database()
        return mlflow.MlflowClient()

    def _make_database(self) -> None:
        """Let MLflow make its tables while no other process does: two at once break each other's."""
        from mlflow import MlflowClient

        if self._ready or not self.tracking_uri.startswith("sqlite:///"):
            return
        database = Path(self.tracking_uri.removeprefix("sqlite:///"))
        database.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(database.with_name(database.name + ".lock")):
            MlflowClient(self.tracking_uri, self.tracking_uri).search_experiments(max_results=1)
        self._ready = True

    def experiment_id(self, client: Any) -> str:
        """Return the id of the experiment, which is made on first use."""
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
        """End the MLflow runs whose step was killed before it could: its Dagster run or its process is over."""
        experiment = self.experiment_id(client)
        for run in client.search_runs([experiment], "attributes.status = 'RUNNING'", max_results=50):
            tags = run.data.tags
            if RUN_TAG not in tags:
                continue  # not one of ours
            dagster_run = instance.get_run_by_id(tags[RUN_TAG])
            if dagster_run is None or dagster_run.is_finished or is_gone(tags.get(PROCESS_TAG, "")):
                client.set_terminated(run.info.run_id, "KILLED")


def _import_mlflow() -> None:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    # dagster-mlflow is marked beta in every release; the warning tells a user nothing that she can act on
    warnings.filterwarnings("ignore", message=".*_create_mlflow_run_hook.*", category=dg.BetaWarning)
    import dagster_mlflow  # noqa: F401
    import mlflow  # noqa: F401


def _step_tags(context: dg.AssetExecutionContext) -> dict[str, str]:
    tags = {
        RUN_TAG: context.run.run_id,
        "dagster_step": context.op_execution_context.op_handle.name,
        "dagster_retry": str(context.op_execution_context.retry_number),
        PROCESS_TAG: this_process(),
    }
    if context.has_partition_key:
        tags["partition"] = context.partition_key
    return tags
