"""Models as versions of MLflow's registry: found, fetched, registered, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assetbook.platform.tracking import MlflowResource

DATA_VERSION_TAG = "assetbook.data_version"


@dataclass(frozen=True)
class RegisteredModel:
    """A version of a model in the registry.

    Attributes:
        name: of the model.
        version: MLflow's number.
        data_version: the hash of its content.
        new: whether it has been made just now; content that was there already is not registered again.
    """

    name: str
    version: str
    data_version: str
    new: bool


@dataclass(frozen=True)
class Registry:
    """The models of one MLflow server."""

    mlflow: MlflowResource

    def latest_version(self, name: str) -> Any | None:
        """Return MLflow's newest version of the model `name`, or None."""
        with self.mlflow.answering():
            versions = self.mlflow.client().search_model_versions(
                f"name='{name}'", order_by=["version_number DESC"], max_results=1
            )
        return versions[0] if versions else None

    def folder(self, version: Any, *, to: Path) -> Path:
        """Return a local folder with the files of a model version, in MLflow's format.

        Args:
            version: MLflow's model version.
            to: the folder to download it to, if it is not on this machine.
        """
        with self.mlflow.answering():
            source = self.mlflow.client().get_model_version_download_uri(version.name, version.version)
            if source.startswith("file:"):
                from mlflow.utils.file_utils import local_file_uri_to_path

                return Path(local_file_uri_to_path(source))
            from mlflow.artifacts import download_artifacts

            to.mkdir(parents=True, exist_ok=True)
            return Path(download_artifacts(source, dst_path=str(to)))

    def register(
        self, name: str, folder: Path, *, run_id: str, data_version: str, tags: Mapping[str, str]
    ) -> RegisteredModel:
        """Make `folder` a version of the model `name`, unless the newest version has the same content.

        Args:
            name: the registered model.
            folder: a complete model in MLflow's format.
            run_id: the MLflow run that it came from.
            data_version: the hash of the model's content.
            tags: of the version.
        """
        latest = self.latest_version(name)
        if latest is not None and latest.tags.get(DATA_VERSION_TAG) == data_version:
            return RegisteredModel(name, str(latest.version), data_version, new=False)
        with self.mlflow.answering():
            client = self.mlflow.client()
            model_id = self._log(client, name, folder, run_id)
            _ensure_name(client, name)
            version = client.create_model_version(
                name,
                source=f"models:/{model_id}",
                run_id=run_id,
                model_id=model_id,
                tags={**tags, DATA_VERSION_TAG: data_version},
            )
        return RegisteredModel(name, str(version.version), data_version, new=True)

    def take_back(self, model: RegisteredModel) -> None:
        """Delete a version that was registered in vain; one that was there before stays."""
        if model.new:
            with self.mlflow.answering():
                self.mlflow.client().delete_model_version(model.name, model.version)

    def _log(self, client: Any, name: str, folder: Path, run_id: str) -> str:
        from mlflow.entities import LoggedModelOutput

        experiment = self.mlflow.experiment_id(client)
        logged = client.create_logged_model(experiment, name=name, source_run_id=run_id)
        client.log_model_artifacts(logged.model_id, str(folder))
        client.finalize_logged_model(logged.model_id, "READY")
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, 0)])
        return str(logged.model_id)


def _ensure_name(client: Any, name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
