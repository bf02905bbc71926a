"""`assetbook docs`: the catalogue of the workspace, as pages."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where the pages go. [default: docs/catalogue]",
)
@click.option("--open", "and_open", is_flag=True, help="Open them in the browser.")
def docs(out: Path | None, and_open: bool) -> None:
    """Build the catalogue: a page for every table, model and report.

    What it is, who owns it, its columns, lineage, last run, example rows, checks, metrics and versions, as
    static HTML that needs no server and no network. No notebook is run.
    """
    from assetbook.catalogue import build
    from assetbook.cli.workspace import open_settings
    from assetbook.platform.instance import open_instance

    settings = open_settings()
    with redirect_stdout(sys.stderr):  # what modules print is not the command's answer
        built = build(settings, open_instance(settings), out=out)
    click.echo(f"{built.assets:,} {'asset' if built.assets == 1 else 'assets'} in {_from_here(built.index)}")
    if and_open:
        import webbrowser

        if not webbrowser.open(built.index.as_uri()):
            click.echo("No browser could be started: open the page by hand.", err=True)


def _from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
