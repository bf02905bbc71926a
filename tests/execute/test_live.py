from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pytest

from assetbook.errors import RunError
from assetbook.execute import launcher, run_notebook
from assetbook.session.context import RunContext
from tests.execute.executing import Recorder, Runner, saved

WAIT = """
import pathlib, time
def wait_for(name):
    deadline = time.monotonic() + 20
    while not pathlib.Path(name).exists():
        assert time.monotonic() < deadline, f"nobody has heard {name}"
        time.sleep(0.01)
"""


def context(runner: Runner) -> RunContext:
    runner.run_dir.mkdir(exist_ok=True)
    return RunContext(
        run_id="r1",
        asset="nb",
        notebook="nb.ipynb",
        root=str(runner.root),
        lake=str(runner.root / "lake"),
        events=str(runner.run_dir / "events.jsonl"),
        artifacts=str(runner.run_dir / "artifacts"),
        storage_options={"AWS_SECRET_ACCESS_KEY": "key-of-the-lake"},
    )


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + 20
    while not (found := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
    return found


class Echo(Recorder):
    """Answers to what it hears while the cell still runs."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root

    def text(self, stream: str, text: str) -> None:
        super().text(stream, text)
        (self.root / f"heard-{stream}").touch()

    def event(self, event: dict[str, Any]) -> None:
        super().event(event)
        (self.root / f"heard-{event['name']}").touch()


def test_text_and_events_arrive_while_the_cell_runs(runner: Runner) -> None:
    observer = Echo(runner.root)
    report = dedent("""
        import os, stat, sys
        from assetbook.session.context import RunContext
        from assetbook.session.events import append
        where = pathlib.Path(os.environ["ASSETBOOK_RUN"])
        told = RunContext.read(where)
        def report(name, **more):
            append(told.events, {"event": "metric", "name": name, "value": 1, **more})
        assert stat.S_IMODE(where.stat().st_mode) == 0o600
        assert os.environ["ASSETBOOK_ROOT"] == told.root == os.getcwd()
        assert not [n for n in os.environ if n.startswith("ASSETBOOK_DATA")]
    """)
    cells = [
        WAIT + report,
        "print('out')\nwait_for('heard-stdout')\nprint('err', file=sys.stderr)\nwait_for('heard-stderr')",
        "report('auc')\nwait_for('heard-auc')",
        "report('last', note=told.storage_options['AWS_SECRET_ACCESS_KEY'])",
    ]
    told = context(runner)
    result = run_notebook(runner.job(cells, context=told), observer=observer)
    assert result.ok, result.failure.message() if result.failure else ""
    last = {"event": "metric", "name": "last", "value": 1, "note": "***"}
    assert list(result.events) == [{"event": "metric", "name": "auc", "value": 1}, last]
    assert observer.calls.index(("event", last)) < observer.calls.index(("finished", 4, 4))
    assert sorted(p.name for p in runner.run_dir.iterdir()) == ["events.jsonl", "notebook.ipynb"]
    assert [json.loads(line) for line in Path(told.events).read_text().splitlines()] == list(result.events)


def test_an_observer_that_fails_ends_the_run(runner: Runner) -> None:
    def fail(text: str) -> None:
        raise LookupError(f"nobody listens to {text.strip()}")

    runner.recorder.on_text = fail
    cells = [
        "import time, subprocess",
        "subprocess.Popen(['sleep', '600'])\nprint('this')\ntime.sleep(600)",
        "3",
    ]
    with pytest.raises(LookupError, match="nobody listens to this"):
        runner.run(cells, environment={"CHILD_OF": str(runner.root)})
    assert not _family(runner.root)
    executed = json.loads((runner.run_dir / "notebook.ipynb").read_text())["cells"]
    assert executed[1]["outputs"][0]["text"] == ["this\n"]
    states = [c["metadata"]["papermill"]["status"] for c in executed]
    assert states[0] == "completed"
    assert states[2] == "pending"


def test_a_disk_that_is_full_ends_the_run(runner: Runner) -> None:
    runner.run_dir.mkdir()
    (runner.run_dir / "cell-1-stdout.txt").symlink_to("/dev/full")
    with pytest.raises(RunError, match=r"cell-1-stdout\.txt cannot be written: No space left"):
        runner.run(["import time\nprint('x' * 3_000_000, flush=True)\ntime.sleep(600)"])


def test_much_text_is_cut_in_the_notebook_only(runner: Runner) -> None:
    result = runner.run(["for i in range(30):\n    print('x' * 100_000)"])
    assert result.ok
    assert len(runner.recorder.printed()) == 3_000_030
    assert (runner.run_dir / "cell-1-stdout.txt").read_text() == runner.recorder.printed()
    outputs = saved(result)["cells"][0]["outputs"]
    assert len("".join(outputs[0]["text"])) == 1_000_000
    assert "the whole is in cell-1-stdout.txt" in "".join(outputs[1]["text"])


def test_a_large_display_is_cut_in_the_notebook_and_whole_beside_it(runner: Runner) -> None:
    result = runner.run(["from IPython.display import HTML\nHTML('<p>' * 4_000_000)"])
    assert result.ok
    (output,) = saved(result)["cells"][0]["outputs"]
    assert list(output["data"]) == ["text/plain"]
    note = "text/html of 12.0 MB is cut; the whole is in cell-1-output-1.html."
    assert note in "".join(output["data"]["text/plain"])
    assert (runner.run_dir / "cell-1-output-1.html").read_text() == "<p>" * 4_000_000


def test_many_small_outputs_arrive_whole_and_in_order(runner: Runner) -> None:
    result = runner.run(
        [
            "from IPython.display import display\nfor i in range(1_000):\n    display(i)\n    print(i, flush=True)"
        ]
    )
    assert result.ok
    outputs = saved(result)["cells"][0]["outputs"]
    texts = [o["text"] if o["output_type"] == "stream" else o["data"]["text/plain"] for o in outputs]
    assert [int("".join(text)) for text in texts] == [i for i in range(1_000) for _ in range(2)]


def _family(root: Path) -> list[psutil.Process]:
    """Return the processes of the notebooks of a workspace that still run."""
    return [p for p in psutil.process_iter() if _belongs(p, root)]


def _belongs(process: psutil.Process, root: Path) -> bool:
    try:
        return process.environ().get("CHILD_OF") == str(root) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


CALLER = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from tests.execute.executing import Recorder, Runner

runner = Runner(Path({root!r}), Recorder(on_text=lambda text: print(text, end="", flush=True)))
runner.run(
    [
        "import subprocess, time; subprocess.Popen(['sleep', '600'])",
        "subprocess.run('(setsid sleep 600 > /dev/null 2>&1 &)', shell=True)",  # leaves tree and session
        "print('ready'); time.sleep(600)",
    ],
    environment={{"CHILD_OF": {root!r}}},
)
"""


TEMPORARY = "a-folder-whose-path-is-too-long-for-unix-sockets-so-that-tcp-is-used"


def start_caller(runner: Runner) -> subprocess.Popen[str]:
    code = CALLER.format(tests=str(Path(__file__).parent), root=str(runner.root))
    temporary = runner.root / TEMPORARY
    temporary.mkdir()
    caller = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert caller.stdout is not None
    assert caller.stdout.readline() == "ready\n"
    return caller


def test_ctrl_c_ends_cleanly(runner: Runner) -> None:
    with start_caller(runner) as caller:
        caller.send_signal(signal.SIGINT)
        _, errors = caller.communicate(timeout=30)
    assert caller.returncode == -signal.SIGINT
    assert errors.strip().endswith("KeyboardInterrupt")
    assert "never retrieved" not in errors
    assert not _family(runner.root)
    executed = json.loads((runner.run_dir / "notebook.ipynb").read_text())["cells"]
    assert executed[2]["outputs"][0]["text"] == ["ready\n"]
    assert sorted(p.name for p in runner.run_dir.iterdir()) == ["notebook.ipynb"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the kernel itself notices")
def test_a_killed_caller_takes_its_kernel_and_what_that_has_started_with_it(runner: Runner) -> None:
    with start_caller(runner) as caller:
        started = psutil.Process(caller.pid).children(recursive=True)  # with what guards the kernel
        assert sum(launcher.__file__ in p.cmdline() for p in started) == 1
        wait_until(lambda: sum("sleep" in p.cmdline() for p in _family(runner.root)) == 2, "no children")
        caller.kill()
        caller.communicate(timeout=30)
    wait_until(lambda: not _family(runner.root), "something of the notebook lives on")
    wait_until(lambda: not any(p.is_running() for p in started), "something that was started lives on")
    wait_until(lambda: not [*runner.root.glob(f"{TEMPORARY}/assetbook-*")], "a folder stays")


def test_nothing_guards_a_kernel_that_has_ended(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSETBOOK_KERNELS", "fresh")
    before = psutil.Process().children(recursive=True)
    assert runner.run(["1"]).ok
    assert psutil.Process().children(recursive=True) == before
