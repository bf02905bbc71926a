"""While a notebook runs, Dagster shows what it does: in the event log within a second, in the compute logs whole."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from tests.platform.runs import PAUSE, messages, wait_for
from tests.platform.space import failure_of


def captured(instance, suffix):
    """Return what the compute logs of the instance hold by now."""
    folder = Path(instance.storage_directory())
    return "".join(path.read_text("utf-8") for path in sorted(folder.rglob(f"*.{suffix}")))


def test_a_running_notebook_is_seen_while_it_runs(workspace, open_space):
    workspace.notebook(
        "talk",
        [
            "import sys, logging",
            "print('first words')\nlogging.warning('a log line')",
            "print('before the pause')\nprint('on stderr', file=sys.stderr)\n" + PAUSE,
            "print('after the pause')",
        ],
    )
    space = open_space()
    instance = space.instance

    def watch():
        """Return what is seen while cell 3 waits, which nothing but this watcher ends."""
        wait_for((space.root / "waiting").exists, what="the pause")
        try:
            (run,) = instance.get_runs()
            wait_for(lambda: "before the pause" in messages(instance, run.run_id), what="the event log")
            wait_for(lambda: "before the pause" in captured(instance, "out"), what="the compute log")
            return messages(instance, run.run_id), captured(instance, "out"), captured(instance, "err")
        finally:
            (space.root / "go").touch()

    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(watch)
        result = space.run()
    assert result.success, failure_of(result)
    log, out, err = seen.result()

    for expected in ("cell 3 of 4", "first words", "a log line", "on stderr"):
        assert expected in log
    assert "cell 4 of 4" not in log
    assert "first words" in out
    assert "on stderr" in err
    assert "after the pause" in messages(instance, result.run_id)


def test_a_hundred_megabytes_of_output_cost_neither_memory_nor_event_log(workspace, open_space):
    line = "x" * 99 + "\n"
    workspace.notebook(
        "shout",
        [
            f"line = {line!r} * 1000",
            "for _ in range(1000):\n    print(line, end='')",
            "print('the end')",
        ],
    )
    space = open_space()
    before = psutil.Process().memory_info().rss

    result = space.run()

    assert result.success, failure_of(result)
    grown = psutil.Process().memory_info().rss - before
    log = messages(space.instance, result.run_id)
    out = captured(space.instance, "out")
    assert len(log) < 1_000_000
    assert re.search(r"… and [\d,]+ characters more: see the step's stdout", log)
    assert out.count("x") >= 99_000_000  # every one of them is in the compute log
    assert "the end" in out
    assert grown < 150_000_000
    stored = Path(space.latest("shout").metadata["notebook"].value)
    assert stored.stat().st_size < 5_000_000
