"""`assetbook home`: the environment under which Dagster's own commands work in this workspace."""

from __future__ import annotations

import click


@click.command()
def home() -> None:
    """Print this workspace's Dagster home, for .env.

    It is made if need be. With that line in .env, `dagster dev` and `dg dev` in the workspace's folder use
    the same history as `assetbook run`.
    """
    from assetbook.cli.workspace import open_settings
    from assetbook.platform.instance import dagster_home, open_instance

    settings = open_settings()
    open_instance(settings).dispose()
    click.echo(f"DAGSTER_HOME={dagster_home(settings)}")
