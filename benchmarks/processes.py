"""The processes that are measured: commands from start to end, and drivers that run already and do as they are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OURS = Path(sys.executable)
PEERS = HERE.parent / ".venv-peers" / "bin" / "python"  # dagstermill cannot be installed beside Assetbook
KEPT = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TZ", "USER")
QUIET_DAGSTER = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"
_PATIENCE = 30.0  # seconds for a driver to end
_START = 120.0  # seconds for a server to begin, and to end
_TAIL = 2_000


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return the environment of whatever is measured: one thread for linear algebra, nothing left behind.

    Args:
        folder: for Jupyter's, IPython's and temporary files.
        variables: to set besides.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    warm = {"ASSETBOOK_STAY": "300"}  # seconds; longer than a round
    places = {"TMPDIR": "tmp", "IPYTHONDIR": "ipython"}
    places |= {f"JUPYTER_{kind}_DIR": f"jupyter-{kind.lower()}" for kind in ("DATA", "CONFIG", "RUNTIME")}
    for place in places.values():
        (folder / place).mkdir(exist_ok=True)
    return {
        **kept,
        **threads,
        **warm,
        **{name: str(folder / place) for name, place in places.items()},
        **variables,
    }


def dagster_home(folder: Path) -> Path:
    """Make a home for a Dagster instance; all candidates have the same settings."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dagster.yaml").write_text(QUIET_DAGSTER)
    return folder


def command(
    arguments: Iterable[object], *, environment: Mapping[str, str], folder: Path
) -> Callable[[], float]:
    """Return a candidate: a command, from its start to its end."""
    words = [str(argument) for argument in arguments]

    def run() -> float:
        with tempfile.TemporaryFile() as said:
            begun = time.perf_counter()
            code = subprocess.run(
                words, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            ).returncode
            seconds = time.perf_counter() - begun
            if code != 0:
                said.seek(0)
                text = said.read().decode("utf-8", "replace")[-_TAIL:]
                raise RuntimeError(f"{' '.join(words)} ended with {code}:\n{text}")
            return seconds

    return run


class Server:
    """A web server on this machine, which serves when this has been made."""

    def __init__(
        self, arguments: Iterable[object], *, url: str, environment: Mapping[str, str], folder: Path
    ) -> None:
        """Start it, and wait until it answers.

        Args:
            arguments: the command.
            url: what it answers when it serves.
            environment: all its variables.
            folder: its working folder.
        """
        words = [str(argument) for argument in arguments]
        nowhere = subprocess.DEVNULL
        self._process = subprocess.Popen(
            words, env=environment, cwd=folder, stdin=nowhere, stdout=nowhere, stderr=nowhere
        )
        deadline = time.monotonic() + _START
        while not _answers(url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"{' '.join(words)} does not serve {url}")
            time.sleep(0.2)

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(_START)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


class Driver:
    """A process of its own that is running already, and does what it is asked for, one thing after the other."""

    def __init__(self, script: str, python: Path, *, environment: Mapping[str, str], folder: Path) -> None:
        """Start it.

        Args:
            script: one of ``drive/``.
            python: of the environment to run it in.
            environment: all its variables.
            folder: its working folder.
        """
        self._script = script
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as the process
        self._process = subprocess.Popen(
            [python, HERE / "drive" / f"{script}.py"],
            env=environment,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Have something done, and return what the process says of it; ``seconds`` is how long it took."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(json.dumps({"do": do, **arguments}, default=str) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise RuntimeError(f"{self._script} has ended: {self._said()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self._script}, {do}: {answer['error']}")
        return answer

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()

    def _said(self) -> str:
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _TAIL))
        return self._log.read().decode("utf-8", "replace")
