from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from assetbook.execute import CellFailure
from assetbook.execute.failure import Scene
from assetbook.execute.model import MB
from tests.execute.executing import Runner, saved


def failure_of(runner: Runner, *cells: str, **options: object) -> CellFailure:
    result = runner.run(list(cells), **options)
    assert result.failure is not None
    assert not result.ok
    return result.failure


def test_a_failing_cell_is_told_with_its_line(runner: Runner) -> None:
    (runner.root / "mine.py").write_text("def bad(n):\n    return 1 / n\n")
    result = runner.run(["import mine", "a = 1\nb = mine.bad(\n    0,\n)\nc = 3", "a"])
    failure = result.failure
    assert failure is not None
    assert (failure.cell, failure.line, failure.reason) == (2, 2, "error")
    assert failure.error == "ZeroDivisionError: division by zero"
    assert failure.notebook == "nb.ipynb"
    assert [c.status for c in result.cells] == ["ok", "failed", "not run"]
    assert "\x1b" not in failure.traceback
    assert "cell 2, line 2" in failure.traceback
    assert "mine.py:2, in bad(n)" in failure.traceback
    message = failure.message()
    assert message.startswith("nb.ipynb, cell 2, line 2: ZeroDivisionError: division by zero\n")
    assert "  1 a = 1\n→ 2 b = mine.bad(\n  3     0,\n" in message
    assert str(result.saved) in message
    executed = saved(result)["cells"]
    assert executed[1]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert [c["metadata"]["papermill"]["status"] for c in executed] == ["completed", "failed", "pending"]


@pytest.mark.parametrize(
    ("source", "line", "error"),
    [
        ("def f():\n    return [][1]\n\n\nf()", 2, "IndexError: list index out of range"),
        ("a = 1\nb = = 2", 2, "SyntaxError: invalid syntax"),
        ("\nimport nonsense.more", 2, "ModuleNotFoundError: No module named 'nonsense'"),
        (
            "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e",
            4,
            "KeyError: 'k'",
        ),
    ],
)
def test_the_line_is_that_of_the_cell(runner: Runner, source: str, line: int, error: str) -> None:
    failure = failure_of(runner, "1", source)
    assert (failure.cell, failure.line) == (2, line)
    assert failure.error.startswith(error)
    assert ("dependencies" in failure.hint) == error.startswith("ModuleNotFound")


def test_an_error_of_this_library_is_shown_without_its_insides(runner: Runner) -> None:
    source = "from pathlib import Path\nfrom assetbook.settings import find_root\nfind_root(Path('/'))"
    failure = failure_of(runner, source, environment={"ASSETBOOK_ROOT": ""})
    assert failure.error.startswith("WorkspaceError: No workspace here")
    assert failure.line == 3
    assert "settings.py" not in failure.traceback
    assert "cell 1, line 3" in failure.traceback


@pytest.mark.parametrize(
    "source", ["exit()", "print('bye')\nquit()", "import sys\nsys.exit(3)", "raise SystemExit"]
)
def test_leaving_the_kernel_is_a_failure(runner: Runner, source: str) -> None:
    failure = failure_of(runner, "1", source)
    assert (failure.cell, failure.reason) == (2, "exit")
    assert "from its first cell to its last" in failure.message()


def test_reading_from_a_terminal_is_a_failure(runner: Runner) -> None:
    failure = failure_of(runner, "name = input('Your name? ')")
    assert failure.reason == "stdin"
    assert failure.line == 1
    assert "make the value a parameter" in failure.message()


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "signal SIGKILL"),
        ("import ctypes\nctypes.string_at(0)", "signal SIGSEGV"),
        ("import os\nos._exit(7)", "exit code 7"),
    ],
)
def test_a_kernel_that_dies_is_told_with_its_cell(runner: Runner, source: str, how: str) -> None:
    begun = time.monotonic()
    failure = failure_of(runner, "1", source, "3")
    assert time.monotonic() - begun < 30  # not a time-out of somebody's
    assert (failure.cell, failure.reason) == (2, "kernel died")
    assert failure.error == f"the kernel died ({how})"
    outputs = saved_outputs(failure, 1)
    assert outputs[-1]["ename"] == "kernel died"


def saved_outputs(failure: CellFailure, index: int) -> list[dict[str, object]]:
    import json

    found: list[dict[str, object]] = json.loads(failure.saved.read_text())["cells"][index]["outputs"]
    return found


def test_a_timeout_counts_all_cells_and_names_the_running_one(runner: Runner) -> None:
    wait = "try:\n    time.sleep(600)\nexcept BaseException:\n    time.sleep(600)"
    source = f"import time\nprint('waiting', flush=True)\n{wait}"
    failure = failure_of(runner, "1", source, timeout=1.0)
    assert (failure.cell, failure.reason) == (2, "timeout")
    assert "its timeout is 1 s" in failure.error
    assert "raise `timeout` in `ab.asset(...)`" in failure.message()
    assert runner.recorder.printed() == "waiting\n"
    assert saved_outputs(failure, 1)[-1]["ename"] == "timeout"


def test_a_memory_limit_counts_children(runner: Runner) -> None:
    child = "import time; kept = []\nwhile True: kept.append(bytes(range(256)) * 40_000); time.sleep(.02)"
    source = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    failure = failure_of(runner, "1", source, memory=200 * MB)
    assert (failure.cell, failure.reason) == (2, "memory")
    assert "its limit is 200 MB" in failure.error
    assert "raise `memory`" in failure.hint


def test_processes_of_the_notebook_do_not_outlive_it(runner: Runner) -> None:
    cells = [
        "import os, subprocess",
        "subprocess.Popen(['sleep', '600'])",
        "subprocess.Popen(['setsid', 'sleep', '600'])",
        "subprocess.run('(setsid sleep 600 > /dev/null 2>&1 &)', shell=True)",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.execvp('sleep', ['sleep', '600'])\n    os._exit(0)",
    ]
    for last in ("1", "1 / 0", "os.kill(os.getpid(), 9)"):
        mark = f"{runner.root}"
        runner.run([*cells, last], environment={"CHILD_OF": mark})
        assert not [p for p in psutil.process_iter() if _has(p, mark)]


def _has(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get("CHILD_OF") == mark and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def test_a_long_cell_is_shown_around_its_line() -> None:
    scene = Scene("nb.ipynb", 3, "\n".join(f"line {n}" for n in range(1, 101)), Path("/run/nb.ipynb"), {5: 3})
    traceback = ["Cell In[5], line 50\n---> 50 x", "KeyError: 'x'"]
    failure = scene.raised(
        {"ename": "KeyError", "evalue": "'x'", "traceback": traceback, "execution_count": 5}, python="python"
    )
    lines = failure.marked_source().splitlines()
    assert lines[0].strip() == lines[-1].strip() == "…"
    assert "→  50 line 50" in lines
    assert len(lines) == 23
    assert "cell 3, line 50" in failure.traceback


def test_the_injected_cell_is_called_what_it_is() -> None:
    scene = Scene("nb.ipynb", 0, "x = '***'", Path("/run/nb.ipynb"), {})
    failure = scene.raised(
        {"ename": "E", "evalue": "", "traceback": [], "execution_count": 2}, python="python"
    )
    assert failure.message().startswith("nb.ipynb, the injected parameters: E\n")
