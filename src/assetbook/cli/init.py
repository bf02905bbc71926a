"""`assetbook init`: a new workspace that runs at once."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="NAME", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a new workspace with a small example of its own.

    NAME is its folder, and the name of its code location; `.` is the current folder. The folder is new or empty.
    """
    from assetbook.scaffold import make_workspace

    made = make_workspace(folder)
    here = Path.cwd()
    shown = made.relative_to(here) if made.is_relative_to(here) else made
    click.echo(f"The workspace {made.name} is in {made}. What to do next:")
    if made != here:
        click.echo(f"  cd {shown}")
    click.echo("  assetbook run   make everything of the example, in this environment")
    click.echo("  make run        the same in an environment of its own, .venv, with locked packages")
    click.echo("  make test       its tests")
    click.echo("  make notebook   JupyterLab")
