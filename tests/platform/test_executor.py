"""Steps on threads: what runs at once, whose output is whose, how a run is interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assetbook.platform.runner import Runner
from tests.platform.planning import Seen, make_plan, ran
from tests.platform.runs import record_of, wait_for

# A cell that goes on when as many notebooks have come there as `together` says.
MEET = """
import time
from pathlib import Path
here = Path('met')
here.mkdir(exist_ok=True)
(here / name).touch()
print('here is', name)
until = time.monotonic() + 60
while len(list(here.iterdir())) < together:
    assert time.monotonic() < until, 'nobody came'
    time.sleep(0.01)
"""


def meeting(name: str, *, together: int = 2) -> list[str]:
    return ["import assetbook as ab", f"name, together = {name!r}, {together}", MEET, "ab.metric('met', 1)"]


@pytest.fixture
def two_places(monkeypatch):
    """As on a machine with two cores."""
    monkeypatch.setattr("assetbook.platform.stepthread.cores", lambda: 2)


def stdout(instance: dg.DagsterInstance, run_id: str, step: str) -> str:
    """Return what the compute log of a step has."""
    manager = instance.compute_log_manager
    (captured,) = [
        event.dagster_event.event_specific_data
        for event in instance.all_logs(run_id, of_type=dg.DagsterEventType.LOGS_CAPTURED)
        if event.dagster_event and step in event.dagster_event.event_specific_data.step_keys
    ]
    key = manager.build_log_key_for_run(run_id, captured.file_key)
    assert manager.is_capture_complete(key)
    return (manager.get_log_data(key).stdout or b"").decode()


@pytest.mark.usefixtures("two_places")
def test_notebooks_of_one_run_meet_and_each_has_its_own_output(workspace, open_space):
    for name in ("one", "other"):
        workspace.notebook(name, meeting(name))
    space = open_space()

    assert ran(space).keys() == {"one", "other"}

    (run,) = space.instance.get_runs()
    for name in ("one", "other"):
        assert stdout(space.instance, run.run_id, name) == f"here is {name}\nmet = 1\n"


@pytest.mark.usefixtures("two_places")
def test_partitions_meet_too_in_a_run_each(workspace, open_space):
    cells = ["import assetbook as ab", "name, together = part, 2", MEET, "ab.metric('met', 1)"]
    head = "ab.asset(partitions={'part': ['a', 'b']})"
    workspace.notebook("parts", [cells[0] + "\n" + head, *cells[1:]], parameters="part: str = 'a'")
    space = open_space()

    assert ran(space).keys() == {"parts[a]", "parts[b]"}

    for run in space.instance.get_runs():
        part = run.tags["dagster/partition"]
        assert stdout(space.instance, run.run_id, "parts") == f"here is {part}\nmet = 1\n"


PLAIN = """
import time
import dagster as dg

def trace(name):
    with open("trace", "a") as file:
        file.write(f"{name} begins\\n")
    print("this is", name)
    time.sleep(0.2)
    with open("trace", "a") as file:
        file.write(f"{name} ends\\n")

@dg.asset
def one() -> None:
    trace("one")

@dg.asset
def other() -> None:
    trace("other")
"""


@pytest.mark.usefixtures("two_places")
def test_what_is_no_notebook_has_the_process_for_itself(workspace, open_space, monkeypatch):
    monkeypatch.chdir(workspace.root)
    workspace.write("assets/plain.py", PLAIN)
    space = open_space()

    assert ran(space).keys() == {"one", "other"}

    lines = (workspace.root / "trace").read_text().split("\n")
    assert [line.split()[0] for line in lines[:4]] in (
        ["one", "one", "other", "other"],
        ["other", "other", "one", "one"],
    )
    (run,) = space.instance.get_runs()
    for name in ("one", "other"):
        assert stdout(space.instance, run.run_id, name) == f"this is {name}\n"


def test_many_partitions_of_functions_and_notebooks_come_to_their_end(workspace, open_space):
    workspace.write("assets/numbers.py", MANY)
    cells = [
        "import assetbook as ab",
        "numbers = ab.load('numbers', partition=key)",
        "ab.save('doubled', numbers * 2)",
    ]
    workspace.notebook(
        "doubled",
        ["import assetbook as ab\nab.asset(partitions={'key': 'like numbers'})", *cells[1:]],
        parameters="key: str = '0'",
    )
    space = open_space()

    assert len(ran(space)) == 24

    assert space.lake.version("doubled").partitions.keys() == {str(i) for i in range(12)}
    assert ran(space) == {}


MANY = """
import assetbook as ab
import pandas as pd

@ab.table(partitions={"key": [str(i) for i in range(12)]})
def numbers(key: str) -> pd.DataFrame:
    return pd.DataFrame({"n": [int(key)]})
"""


def interrupted(space: Any, waiting: Callable[[], object]) -> dg.DagsterRun:
    """Run everything, interrupt it when `waiting` is true, and return the only Dagster run."""
    plan = make_plan(space)
    runner = Runner(space.defs, space.instance, display=Seen())
    error: list[KeyboardInterrupt] = []

    def run() -> None:
        try:
            runner.run(plan)
        except KeyboardInterrupt as caught:
            error.append(caught)

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(waiting, what="the step")
    (batch,) = runner._running
    batch_run = batch.run
    space.instance.report_run_canceling(batch_run)
    runner._stop.set()
    thread.join(60)
    assert not thread.is_alive()
    assert error
    found = space.instance.get_run_by_id(batch_run.run_id)
    assert found is not None
    return found


def test_an_interrupt_ends_a_function_and_a_notebook_wherever_they_are(workspace, open_space):
    workspace.write("assets/endless.py", ENDLESS.format(root=str(workspace.root)))
    cells = ["import assetbook as ab", "open('in notebook', 'w').close()\nimport time\ntime.sleep(600)"]
    workspace.notebook("sleeping", cells)
    space = open_space()
    there = [Path(workspace.root) / name for name in ("in function", "in notebook")]

    run = interrupted(space, lambda: all(path.exists() for path in there))

    assert run.status is dg.DagsterRunStatus.CANCELED
    assert record_of(space, "sleeping").status == "cancelled"


ENDLESS = """
import time
from pathlib import Path
import dagster as dg

@dg.asset
def endless() -> None:
    Path({root!r}, "in function").touch()
    while True:
        time.sleep(0.01)
"""


def test_a_step_is_tried_again_while_others_go_on(workspace, open_space):
    failing_once = [
        "import assetbook as ab\nab.asset(retries=1)",
        "from pathlib import Path\nfirst = not Path('tried').exists()\nPath('tried').touch()",
        "assert not first",
        "ab.metric('tries', 2)",
    ]
    workspace.notebook("flaky", failing_once)
    workspace.notebook("steady", ["import assetbook as ab", "ab.metric('m', 1)"])
    space = open_space()

    assert ran(space).keys() == {"flaky", "steady"}


@pytest.mark.usefixtures("two_places")
def test_a_pool_lets_no_more_run_than_it_has_room_for(workspace, open_space):
    for name in ("one", "other"):
        alone = f"open('trace', 'a').write('{name} begins ')\ntime.sleep(0.3)\nopen('trace', 'a').write('{name} ends ')"
        workspace.notebook(name, ["import assetbook as ab, time\nab.asset(pool='database')", alone])
    space = open_space()
    space.instance.event_log_storage.set_concurrency_slots("database", 1)

    assert ran(space).keys() == {"one", "other"}

    words = (workspace.root / "trace").read_text().split()
    assert words[0] == words[2]
    assert words[4] == words[6]
