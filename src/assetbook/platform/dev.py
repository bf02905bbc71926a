"""``dagster dev`` as `assetbook ui` runs it: with our web server, and with the variables of this process.

Dagster's commands let the workspace's ``.env`` go before what is set already, also where ``ASSETBOOK_DATA`` names other
data than the file's ``DAGSTER_HOME`` belongs to.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

dev: Any = import_module("dagster._cli.dev")  # Any: what is replaced in them is not theirs to export
utils: Any = import_module("dagster._cli.utils")
_OURS = {
    "dagster_webserver": ("assetbook.platform.webserver",),
    "dagster._daemon": ("assetbook.platform.dev", "daemon"),
}


def keep_variables() -> None:
    """Have Dagster take from ``.env`` only what is not set."""
    read = utils.get_env_var_dict

    def missing(folder: str) -> dict[str, str]:
        return {name: value for name, value in read(folder).items() if name not in os.environ}

    utils.get_env_var_dict = missing


def main() -> None:
    """Run Dagster's web server, daemon and code server with the arguments of ``dagster dev``; or the daemon alone."""
    keep_variables()
    if sys.argv[1:2] == ["daemon"]:
        from dagster._daemon.cli import main as daemon

        del sys.argv[1]
        daemon()
        return
    start = dev.open_ipc_subprocess

    def started(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        process: subprocess.Popen[Any] = start(
            [word for part in command for word in _OURS.get(part, (part,))], **options
        )
        return process

    dev.open_ipc_subprocess = started
    dev.dev_command()


if __name__ == "__main__":
    main()
