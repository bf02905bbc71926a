"""`assetbook home`: the environment under which Dagster's own commands work in this workspace."""

from __future__ import annotations

import click


@click.command()
def home() -> None:
    """Make the Dagster home of this workspace and print it as a line for .env.

    With that line in .env, `dagster dev` and `dg dev` in the workspace's folder use the same history as
    `assetbook run`.
    """
    from assetbook.platform.runner import open_instance
    from assetbook.settings import Settings

    settings = Settings.load()
    open_instance(settings).dispose()
    click.echo(f"DAGSTER_HOME={settings.dagster_home}")
