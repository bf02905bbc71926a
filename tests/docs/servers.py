"""Commands of the documents that serve until somebody ends them: each is started, waited for, and ended."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tests.ui.space import free_port

PATIENCE = 120
_UI = ("--port {port} --mlflow-port {other}", "MLflow ")
_SERVERS = {  # command: where nobody else listens; what it says when it is ready, or what then can be asked
    "assetbook ui": _UI,
    "make ui": _UI,
    "make notebook": ("--port={port} --no-browser --IdentityProvider.token= --allow-root", "/api"),
    "python -m assetbook.platform.webserver --host 127.0.0.1 --port 3000": ("--port {port}", "/server_info"),
    "dagster-daemon run": ("", "following daemons"),
}


def is_server(command: str) -> bool:
    """Tell whether a command goes on until somebody ends it."""
    return _without_comment(command) in _SERVERS


def try_out(command: str, root: Path, variables: Mapping[str, str]) -> str:
    """Start a server, wait until it is ready, end it, and return what it has said.

    Args:
        command: as the page has it.
        root: the workspace.
        variables: of the environment.
    """
    command = _without_comment(command)
    ports, ready = _SERVERS[command]
    port = free_port()
    more = ports.format(port=port, other=free_port()).split()
    address = f"http://127.0.0.1:{port}{ready}" if ready.startswith("/") else ""
    with (
        TemporaryFile() as said,
        subprocess.Popen(
            [*_recipe(command, root, variables), *more],
            cwd=root,
            env=variables,
            stdout=said,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait(process, said, ready, address)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
        return _all_of(said)


def _without_comment(command: str) -> str:
    return command.partition("#")[0].strip()


def _recipe(command: str, root: Path, variables: Mapping[str, str]) -> list[str]:
    """Return the program that a command starts: of `make` the last line that it would do.

    What comes before concerns the environment, which is that of the tests.
    """
    if command.startswith("make "):
        asked = ["make", "--dry-run", "--no-print-directory", *command.split()[1:]]
        command = subprocess.check_output(asked, cwd=root, env=variables, text=True)
    return shlex.split(command.strip().splitlines()[-1])


def _wait(process: subprocess.Popen[bytes], said: IO[bytes], ready: str, address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (_answers(address) if address else ready in _all_of(said)):
        assert process.poll() is None, _all_of(said)
        assert time.monotonic() < deadline, _all_of(said)
        time.sleep(0.2)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _all_of(said: IO[bytes]) -> str:
    """Return what a file has by now; whoever writes to it goes on where it was."""
    number = said.fileno()
    return os.pread(number, os.fstat(number).st_size, 0).decode()
