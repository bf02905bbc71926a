"""The registered models of the workspace, as Jupyter reads them; a run gets their folders from the platform."""

from __future__ import annotations

from pathlib import Path

from assetbook.errors import SessionError
from assetbook.session.models import quiet


def registered_model(name: str, *, version: int | None, address: str) -> tuple[Path, int] | None:
    """Return folder and version of a registered model, None where there is no such model.

    Args:
        name: the asset.
        version: the version to read; by default the newest, which a run would pin.
        address: MLflow's tracking URI. A SQLite file that does not exist yet is not created.

    Raises:
        SessionError: the model has no such version.
    """
    if address.startswith("sqlite:///") and not Path(address.removeprefix("sqlite:///")).exists():
        return None
    with quiet():
        from mlflow import MlflowClient
        from mlflow.artifacts import download_artifacts

        client = MlflowClient(tracking_uri=address, registry_uri=address)
        known = sorted(int(found.version) for found in client.search_model_versions(f"name='{name}'"))
        if not known:
            return None
        chosen = known[-1] if version is None else version
        if chosen not in known:
            raise SessionError(
                f"The model {name!r} has no version {chosen}. Known: {', '.join(map(str, known))}."
            )
        source = client.get_model_version_download_uri(name, str(chosen))
        return Path(download_artifacts(source, tracking_uri=address)), chosen
