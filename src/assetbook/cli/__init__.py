"""The command `assetbook`: what a person does in a terminal. Heavy imports wait for the command that needs them."""

from __future__ import annotations

import sys
from typing import Any

import click

from assetbook.cli.check import check
from assetbook.cli.completion import HOW
from assetbook.cli.docs import docs
from assetbook.cli.home import home
from assetbook.cli.init import init
from assetbook.cli.interrupts import INTERRUPTED
from assetbook.cli.ls import ls
from assetbook.cli.promote import promote
from assetbook.cli.run import run
from assetbook.cli.show import show
from assetbook.cli.sql import sql
from assetbook.cli.test import test
from assetbook.cli.ui import ui
from assetbook.errors import AssetbookError

MISTAKE = 2  # exit code, as click's own for a wrong option


class _Commands(click.Group):
    """Prints the message of a person's mistake without a traceback of ours, and ends quietly at Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AssetbookError as error:
            from assetbook.cli.terminal import say_error

            say_error(str(error))
            ctx.exit(MISTAKE)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=HOW,
)
@click.version_option(package_name="assetbook")
def main() -> None:
    """Turn notebooks into production Dagster assets, and look after them."""
    # Dagster and MLflow warn of what only their developers can act on; errors are never hidden
    if not sys.warnoptions:
        import warnings

        quiet = ("ignore", None, Warning, None, 0)
        if quiet not in warnings.filters:  # the command server has done so before it imported them
            warnings.simplefilter("ignore")


for _command in (run, ls, show, sql, promote, check, test, docs, ui, init, home):
    main.add_command(_command)


def command() -> None:
    """Run the command that the arguments say, whatever the file is called that was started."""
    main(prog_name="assetbook")
