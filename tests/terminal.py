"""A command at a terminal of its own, and Ctrl-C typed there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

IN_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


def ctrl_c(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    times: int,
    when: Callable[[], Any],
) -> tuple[int, str, Any]:
    """Type Ctrl-C into a running command's terminal.

    Args:
        command: program and arguments.
        cwd: where it runs.
        env: its variables.
        times: how often, one right after the other.
        when: returns when it is time.

    Returns:
        The exit code, all that the terminal has shown, and what `when` has returned.
    """
    with subprocess.Popen(
        [sys.executable, "-c", IN_TERMINAL, *command],
        cwd=cwd,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as terminal:
        assert terminal.stdin
        assert terminal.stdout
        found = when()
        for _ in range(times):
            terminal.stdin.write(b"\x03")
            terminal.stdin.flush()
        shown = terminal.stdout.read().decode()
    return terminal.returncode, shown, found
