"""The command `assetbook` as a person starts it in a workspace, from outside and with a limit."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.promote.execution import OFFLINE, search_path

COMMAND = Path(sys.executable).parent / "assetbook"
PATIENCE = 300  # seconds for a command
_OURS = re.compile(r'File "[^"]*/(?:src|site-packages)/assetbook/[^"]*", line \d+')
_KEPT = ("LANG", "LC_ALL", "LOGNAME", "TZ", "USER")


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended.

    Attributes:
        code: the exit code; None if it did not end in time.
        seconds: from its start to its end.
    """

    code: int | None
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Mapping[str, Any] | None:
        """The one object that it printed; None if that is not what it printed."""
        try:
            found = json.loads(self.out)
        except json.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None

    @property
    def shows_our_traceback(self) -> bool:
        """Whether a traceback in what it said goes through Assetbook's own code."""
        return _OURS.search(self.out + self.err) is not None

    @property
    def tail(self) -> str:
        """The last line that it said."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return lines[-1][:300] if lines else ""


def environment(folder: Path, *, servers: str) -> dict[str, str]:
    """Return the environment of the commands: a home and temporary files of their own, nothing from a network.

    Args:
        folder: for home and temporary files; all notebooks have the same, so that warm processes serve all.
        servers: a name; commands of the same name share the processes that stay between them.
    """
    folders = {"HOME": "home", "TMPDIR": "tmp", "MPLCONFIGDIR": "matplotlib"}
    for inside in folders.values():
        (folder / inside).mkdir(parents=True, exist_ok=True)
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **{name: str(folder / inside) for name, inside in folders.items()},
        **OFFLINE,
        "PATH": search_path(),
        "ASSETBOOK_STAY": "60",
        "XDG_BENCH": servers,
        "NO_COLOR": "1",
    }


def assetbook(*words: str, workspace: Path, environment: Mapping[str, str]) -> Answer:
    """Run the command in a workspace, and end it if it takes too long."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [COMMAND, *words],
        cwd=workspace,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            out, err = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
        return Answer(None, out, err, time.perf_counter() - begun)
    return Answer(process.returncode, out, err, time.perf_counter() - begun)


def is_there(command: str) -> bool:
    """Return whether the installed `assetbook` has a command of this name."""
    answer = subprocess.run([COMMAND, command, "--help"], capture_output=True, check=False)
    return answer.returncode == 0
