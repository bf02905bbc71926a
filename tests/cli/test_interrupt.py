"""Being stopped while a notebook runs: at a terminal, by a supervisor, once and again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import dagster as dg
import psutil
import pytest

from tests.cli.conftest import COMMAND, environment, start
from tests.terminal import ctrl_c

PATIENCE = 60  # seconds for a busy machine; each wait ends as soon as it can
SLOW = [
    "import os, subprocess, sys, time\nimport assetbook as ab, pandas as pd",
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])",
    "ab.save('slow', pd.DataFrame({'a': [1]}))",
    "open('processes', 'w').write(f'{os.getpid()} {child.pid}\\n')\ntime.sleep(600)",
]


@pytest.fixture
def slow(workspace):
    """A workspace whose only notebook does not end by itself."""
    workspace.notebook("slow", SLOW)
    workspace.write("assets/frames.py", "import polars")  # it has signals restart what they interrupt
    return workspace


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def processes(space) -> list[int]:
    """Wait until the notebook sleeps; return its kernel and what the kernel has started."""
    file = space.root / "processes"
    wait_for(lambda: file.exists() and file.read_text().endswith("\n"), "the notebook")
    return [int(number) for number in file.read_text().split()]


def alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def check_nothing_is_left(space, numbers, *, status="CANCELED") -> None:
    wait_for(lambda: not any(map(alive, numbers)), "the kernel's end")
    with dg.DagsterInstance.from_config(str(space.root / "data" / "dagster")) as instance:
        assert [run.status.value for run in instance.get_runs()] == [status]
    assert not [*(space.root / "data" / "lake").rglob("*.parquet")]


@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_at_a_terminal_ends_all_and_gives_the_terminal_back(slow, times):
    code, shown, numbers = ctrl_c(
        [*COMMAND, "run"], cwd=slow.root, env=environment(), times=times, when=lambda: processes(slow)
    )

    assert code == 130
    assert "cell 4 of 4" in shown
    assert "Stopped" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is back
    assert "Traceback" not in shown
    check_nothing_is_left(slow, numbers)


@pytest.mark.parametrize("ignoring", [False, True])
def test_sigterm_ends_it_as_cleanly_also_where_a_script_has_ctrl_c_ignored(slow, ignoring):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if ignoring else None
    process = start(slow.root, "run")
    if ignoring:
        signal.signal(signal.SIGINT, before)
    with process:
        numbers = processes(slow)
        process.terminate()
        shown, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130
    assert "Stopped while running slow (cell 4 of 4). Nothing of it was published" in shown
    check_nothing_is_left(slow, numbers)


def test_a_killed_run_is_recorded_as_failed_by_the_next_one(slow, cli):
    with start(slow.root, "run") as process:
        numbers = processes(slow)
        process.send_signal(signal.SIGKILL)
    wait_for(lambda: not any(map(alive, numbers[:1])), "the kernel's end")
    for number in numbers[1:]:  # nobody is left to end what the notebook itself has started
        if alive(number):
            os.kill(number, signal.SIGKILL)
    slow.notebook("slow", ["import assetbook as ab", "ab.metric('m', 1)"])

    assert cli("run").code == 0

    with dg.DagsterInstance.from_config(str(slow.root / "data" / "dagster")) as instance:
        assert [run.status.value for run in instance.get_runs()] == ["SUCCESS", "FAILURE"]
