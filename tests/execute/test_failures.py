from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from assetbook.execute import CellFailure
from assetbook.execute.failure import Scene
from assetbook.execute.frames import excerpt, told
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
        ("a = 1\nb = = 2", 2, "SyntaxError: invalid syntax"),  # and not the kernel's name for the cell
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
    assert ".py, line" not in failure.error
    assert ("dependencies" in failure.hint) == error.startswith("ModuleNotFound")


DEEP = """\
import pandas as pd

def bad(frame):
    return frame.apply(lambda row: row["nope"], axis=1)

def load(frame):
    try:
        return bad(frame)
    except KeyError as error:
        raise ValueError("cannot load") from error
"""


def test_the_message_leaves_out_what_is_inside_libraries(runner: Runner) -> None:
    (runner.root / "mine.py").write_text(DEEP)
    cells = [
        "import mine, pandas as pd\ndef helper(frame):\n    return mine.load(frame)",
        "frame = pd.DataFrame({'a': [1]})\nhelper(\n    frame\n)",
    ]
    failure = failure_of(runner, *cells)
    assert failure.excerpt.count("\n") < 40
    assert "site-packages" not in failure.message()
    assert re.findall(r"… \d+ frames? in \w+ …", failure.excerpt) == [
        f"… {n} frames in pandas …" for n in re.findall(r"… (\d+) ", failure.excerpt)
    ]
    places = ["mine.py:8, in load", "mine.py:4, in bad(", "mine.py:4, in bad.<locals>.<lambda>"]
    places += ["cell 2, line 2", "cell 1, line 3, in helper", "mine.py:10, in load"]
    errors = ["KeyError: 'nope'", "KeyError: 'nope'", "ValueError: cannot load"]
    _assert_in_order(failure.excerpt, places)
    _assert_in_order(failure.excerpt, errors)
    assert "The above exception was the direct cause" in failure.excerpt
    assert "frame = " not in failure.excerpt  # the cell itself is shown above
    assert "    return mine.load(frame)" in failure.excerpt
    assert failure.message().count("frame = pd.DataFrame") == 1

    assert failure.traceback.count("site-packages") > 5
    assert "site-packages" in "".join(str(output) for output in saved_outputs(failure, 1))


def _assert_in_order(text: str, parts: list[str]) -> None:
    position = 0
    for part in parts:
        position = text.index(part, position) + len(part)


def test_a_traceback_that_says_no_more_than_the_marked_line_is_left_out(runner: Runner) -> None:
    failure = failure_of(runner, "total = 1 / 0")
    assert failure.excerpt == ""
    assert failure.message().count("total = 1 / 0") == 1
    assert "cell 1, line 1" in failure.traceback


def test_of_a_deep_recursion_both_ends_are_shown(runner: Runner) -> None:
    failure = failure_of(runner, "def f(n):\n    return f(n + 1)\n\n\nf(0)")
    assert failure.error.startswith("RecursionError")
    assert failure.excerpt.count("cell 1, line 2, in f(n)") == 11
    assert re.search(r"f\(n \+ 1\)\n… \d[\d,]* more …\ncell 1", failure.excerpt)


def test_the_parts_of_an_exception_group_are_in_the_executed_notebook(runner: Runner) -> None:
    failure = failure_of(runner, "raise ExceptionGroup('two', [ValueError('a'), KeyError('b')])")
    assert failure.error.startswith("ExceptionGroup: two")
    assert "see the executed notebook" in failure.hint
    assert "ValueError: a" in str(saved_outputs(failure, 0))


@pytest.mark.parametrize(
    ("file", "package"),
    [
        ("/venv/lib/python3.12/site-packages/sklearn/base.py:1403, in wrapper()", "sklearn"),
        ("~/space/.venv/lib/python3.12/site-packages/six.py:3", "six"),
        ("/usr/lib/python3/dist-packages/yaml/__init__.py:1, in load()", "yaml"),
        ("/usr/lib/python3.12/json/decoder.py:337, in decode()", "json"),
        ("<frozen importlib._bootstrap>:1176, in _find()", "importlib"),
        ("pandas/_libs/index.pyx:167, in pandas._libs.index.IndexEngine.get_loc()", "pandas"),
        ("parser.pyx:9, in lxml.etree._parse()", "lxml"),
        ("/x/src/assetbook/lake/lake.py:9, in read()", "assetbook"),
        ("/home/me/space/assets/flights.py:9, in clean()", None),
        ("~/lib/python/assets/flights.py:9, in clean()", None),
        ("<timed exec>:1", None),
    ],
)
def test_what_belongs_to_a_library(file: str, package: str | None) -> None:
    parts = [
        "E        Traceback (most recent call last)",
        "Cell In[1], line 1",
        f"File {file}\n--> 9 x",
        "E: e",
    ]
    lines = excerpt(parts, count=1).splitlines()
    assert lines[:2] == ["Traceback (most recent call last)", "Cell In[1], line 1"]
    assert lines[2] == (f"… 1 frame in {package} …" if package else f"File {file}")


@dataclass(frozen=True)
class Raised:
    """An exception as Dagster keeps it."""

    message: str
    stack: list[str]
    cls_name: str = "KeyError"
    cause: Raised | None = None


def frame(file: str, function: str = "f", code: str = "x") -> str:
    return f'  File "{file}", line 7, in {function}\n    {code}\n'


def test_an_exception_outside_notebooks_is_told_with_the_lines_of_the_workspace() -> None:
    libraries = [
        "/venv/lib/python3.12/site-packages/dagster/_core/run.py",
        "/usr/lib/python3.12/contextlib.py",
    ]
    stack = [*map(frame, libraries), frame("/space/assets/a.py", "deep", "return bad(1)")]
    cause = Raised("KeyError: 'n'\n", [frame("pandas/_libs/index.pyx", "pandas._libs.index.get_loc")])
    error = Raised("ValueError: no column\n", [*stack, frame(libraries[0])], "ValueError", cause)
    wrapped = Raised("Dagster's: error in op", stack, "DagsterExecutionStepExecutionError", error)

    assert told(wrapped).splitlines() == [
        "ValueError: no column",
        "",
        "KeyError: 'n'",
        "",
        "The exception above led to this one:",
        "",
        'File "/space/assets/a.py", line 7, in deep',
        "  return bad(1)",
        "… 1 frame in dagster …",
        "ValueError: no column",
    ]


def test_an_exception_that_comes_from_nowhere_in_the_workspace_is_its_message() -> None:
    error = Raised("DagsterInvariantViolationError: no such\nthing\n", [], "DagsterInvariantViolationError")

    assert told(error) == "DagsterInvariantViolationError: no such\nthing"


def test_a_traceback_of_another_kernel_is_left_as_it_is() -> None:
    parts = ["Error in f(): no such column", "Stack:", " 1. f()"]
    assert excerpt(parts, count=1) == "\n".join(parts)


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
