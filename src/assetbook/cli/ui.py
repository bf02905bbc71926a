"""`assetbook ui`: Dagster's web interface and daemon on the workspace, on this machine only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import click


@click.command()
@click.option("--port", default=3000, show_default=True)
def ui(port: int) -> None:
    """Start Dagster's UI and daemon for this workspace; Ctrl-C ends them."""
    from assetbook.platform.runner import open_instance
    from assetbook.settings import Settings

    settings = Settings.load()
    open_instance(settings).dispose()
    command = [sys.executable, "-m", "dagster", "dev", "-h", "127.0.0.1", "-p", str(port)]
    click.echo(f"Dagster: http://127.0.0.1:{port}   (Ctrl-C ends it)")
    with subprocess.Popen(command, cwd=settings.root, env=dict(os.environ), start_new_session=True) as server:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            sys.exit(server.wait())
        except KeyboardInterrupt:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)
