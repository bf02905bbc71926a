"""`assetbook ui`: Dagster's web interface and daemon on the workspace, on this machine only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import click

from assetbook.errors import WorkspaceError

HOST = "127.0.0.1"
PATIENCE = 20  # seconds that Dagster has for ending its own processes


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    metavar="N",
    default=3000,
    show_default=True,
    help="Of the UI, on this machine.",
)
def ui(port: int) -> None:
    """Start Dagster's UI and daemon for this workspace; Ctrl-C ends them."""
    from assetbook.cli.workspace import open_settings
    from assetbook.platform.instance import open_instance

    settings = open_settings()
    _require_free(port)
    open_instance(settings).dispose()
    click.echo(f"Dagster: http://{HOST}:{port}   (Ctrl-C ends it)")
    command = [sys.executable, "-m", "dagster", "dev", "-h", HOST, "-p", str(port)]
    sys.exit(_serve(command, settings.root))


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            other = port + 1 if port >= 1024 else 3000  # those below are the system's
            raise WorkspaceError(
                f"Port {port} on {HOST} cannot be used: {error.strerror}. "
                f"Choose another: assetbook ui --port {min(other, 65_535)}"
            ) from None


def _serve(command: list[str], folder: Path) -> int:
    """Run the server until it ends or a signal does; return the exit code."""
    # Handlers of our own even where a shell in the background has SIGINT ignored: the server would inherit
    # that, take its SIGTERM for the same, and never end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    server = subprocess.Popen(command, cwd=folder, env=dict(os.environ), start_new_session=True)
    try:
        return server.wait()
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        return _end(server)


def _end(server: subprocess.Popen[bytes]) -> int:
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    return 0
