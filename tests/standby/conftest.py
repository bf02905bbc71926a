"""A command server of the tests' own, and commands with and without it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from assetbook import resident

PATIENCE = 60  # seconds for a busy machine; each wait ends as soon as it can
COMMAND = [sys.executable, "-m", "assetbook"]
_PLACES = """
import json, os
from assetbook.standby.origin import origin, places
print(json.dumps(places(origin(dict(os.environ)))))
"""


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without what belongs to another workspace."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("ASSETBOOK_", "DAGSTER_", "PYTEST", "NO_COLOR", "COLUMNS"))
    }
    return {**kept, "TERM": "xterm-256color", **variables}


@dataclass(frozen=True)
class Standby:
    """A place for a command server that nobody else has, and the environment of its commands.

    Attributes:
        environment: under which commands use it.
        place: its address.
    """

    environment: dict[str, str]
    place: str

    @classmethod
    def make(cls) -> Standby:
        # not long for what commands leave; the servers that tests start themselves are told otherwise
        variables = environment(ASSETBOOK_STAY="60", OTEL_SERVICE_NAME=str(uuid4()))
        found = subprocess.check_output([sys.executable, "-c", _PLACES], env=variables)
        return cls(variables, json.loads(found)[0])

    @property
    def pid(self) -> int | None:
        """The process of the server, if it serves."""
        line = resident.connect(self.place)
        if line is None:
            return None
        with line:
            facts = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return int.from_bytes(facts[:4], sys.byteorder)

    @contextmanager
    def start(self, *, stay: str = "600") -> Iterator[subprocess.Popen[bytes]]:
        """Start the server, wait until it serves, and end it afterwards."""
        command = [sys.executable, "-m", "assetbook.standby.server"]
        variables = {**self.environment, "ASSETBOOK_STAY": stay}
        with subprocess.Popen(command, env=variables, cwd="/", start_new_session=True) as process:
            try:
                wait_for(lambda: self.pid or process.poll() is not None, "the command server")
                yield process
            finally:
                process.kill()

    def end(self) -> None:
        """End the server, if there is one."""
        if pid := self.pid:
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not self.pid, "the end of the command server")


@pytest.fixture(scope="module")
def served() -> Iterator[Standby]:
    """A command server."""
    standby = Standby.make()
    with standby.start():
        yield standby


@pytest.fixture
def place() -> Iterator[Standby]:
    """A place for a command server, where there is none yet."""
    standby = Standby.make()
    yield standby
    standby.end()


@pytest.fixture
def call(workspace: Any) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run `assetbook` in the workspace as a process of its own."""

    def run(*arguments: str, env: dict[str, str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
        return subprocess.run([*COMMAND, *arguments], cwd=workspace.root, env=env, timeout=PATIENCE, **given)

    return run


def fresh(variables: dict[str, str]) -> dict[str, str]:
    """Return the environment in which a command does without a server."""
    return {**variables, "ASSETBOOK_STAY": "0"}


def read_json(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))
