"""`assetbook ui`: Dagster's web interface and daemon and MLflow's interface, on this machine only."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click

from assetbook.cli.services import HOST, Running, Service, is_free, refusal
from assetbook.cli.terminal import color_option
from assetbook.errors import WorkspaceError

if TYPE_CHECKING:
    from assetbook.settings import Settings

MLFLOW_PORT = 5000
_PORTS = 100  # how many are tried for MLflow
_LAST_PORT = 65_535
_port = click.IntRange(1, _LAST_PORT)


@click.command()
@click.option(
    "--port", type=_port, metavar="N", default=3000, show_default=True, help="Of Dagster's interface."
)
@click.option(
    "--mlflow-port",
    type=_port,
    metavar="N",
    help=f"Of MLflow's interface; without it the first free one from {MLFLOW_PORT}.",
)
@color_option
def ui(port: int, mlflow_port: int | None) -> None:
    """Start Dagster's UI and daemon, and MLflow's UI, for this workspace; Ctrl-C ends them.

    They listen on this machine only. What they log is in data/logs.
    """
    from assetbook.cli.workspace import open_settings
    from assetbook.platform.instance import open_instance

    settings = open_settings()
    _require_free(port, "--port")
    if mlflow_port:
        _require_free(mlflow_port, "--mlflow-port")
    open_instance(settings).dispose()
    mlflow = _mlflow(settings, mlflow_port)
    dagster = _dagster(settings, port, mlflow)
    # Handlers of our own even where a shell in the background has SIGINT ignored: the servers would inherit
    # that, take SIGTERM for the same, and never end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        _serve(settings, dagster, mlflow)
    except KeyboardInterrupt:
        sys.exit(0)


def _serve(settings: Settings, dagster: Service, mlflow: Service | str | None) -> None:
    """Run the servers, and say of each where it is as soon as it answers."""
    services = [service for service in (dagster, mlflow) if isinstance(service, Service)]
    click.echo(f"Starting {settings.name}; Ctrl-C ends it.")
    with Running(services, folder=settings.root) as running:
        running.wait_until_ready(dagster)
        _say("Dagster", dagster.url, "assets, runs, launch forms")
        if isinstance(mlflow, Service):
            running.wait_until_ready(mlflow)
        if mlflow:
            _say("MLflow", _url(mlflow), "experiments, models")
        running.wait()


def _say(name: str, url: str, what: str) -> None:
    click.echo(f"{name:<8} {url:<24} {what}")
    sys.stdout.flush()


def _dagster(settings: Settings, port: int, mlflow: Service | str | None) -> Service:
    from assetbook.platform.webserver import MLFLOW_UI

    return Service(
        "Dagster",
        port,
        [sys.executable, "-m", "assetbook.platform.dev", "-h", HOST, "-p", str(port)],
        settings.data / "logs" / "dagster.log",
        {MLFLOW_UI: _url(mlflow)} if mlflow else {},
        ready="/server_info",
    )


def _mlflow(settings: Settings, port: int | None) -> Service | str | None:
    """Return MLflow's interface: ours to start, or the address of one that runs elsewhere; None without MLflow."""
    from assetbook.platform.workspace import Workspace

    resource = Workspace.load(settings.root).resources.get("mlflow")
    uri = getattr(resource, "tracking_uri", None)
    if not isinstance(uri, str) or uri.startswith(("http://", "https://")):
        return uri if isinstance(uri, str) else None
    port = port or next(filter(is_free, range(MLFLOW_PORT, MLFLOW_PORT + _PORTS)), MLFLOW_PORT)
    command = [sys.executable, "-m", "mlflow", "ui", "--host", HOST, "--port", str(port), "--workers", "1"]
    artifacts = getattr(resource, "artifact_location", None) or settings.mlflow_artifacts.as_uri()
    return Service(
        "MLflow",
        port,
        [*command, "--backend-store-uri", uri, "--default-artifact-root", artifacts, "--no-serve-artifacts"],
        settings.data / "logs" / "mlflow.log",
        {
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        },
        ready="/health",
    )


def _url(mlflow: Service | str) -> str:
    return mlflow.url if isinstance(mlflow, Service) else mlflow


def _require_free(port: int, option: str) -> None:
    if why := refusal(port):
        other = port + 1 if port >= 1024 else 3000  # those below are the system's
        raise WorkspaceError(
            f"Port {port} on {HOST} cannot be used: {why}. "
            f"Choose another: assetbook ui {option} {min(other, _LAST_PORT)}"
        )
