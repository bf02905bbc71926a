"""The fork server: when there is one, what it leaves behind (nothing), and what happens without it."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from assetbook.errors import RunError
from assetbook.execute import NotebookResult, reserve, warm
from assetbook.execute.kernel import Kernel
from assetbook.execute.warm.origin import Origin, shadowing
from assetbook.execute.warm.supply import Supply
from tests.execute.executing import Runner, ended, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")

PARENT = "import os; print(os.getppid())"
DAEMON = """
import os, pathlib
def daemon():  # leaves the tree and the session, and has no environment of its own
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            pathlib.Path('daemon').write_text(str(os.getpid()))
            import time; time.sleep(600)
        os._exit(0)
    os.wait()
daemon()
while not pathlib.Path('daemon').exists() or not pathlib.Path('daemon').read_text():
    pass
"""


def parent_of(runner: Runner, *cells: str, **options: Any) -> int:
    """Run a notebook and return the parent of its kernel."""
    runner.recorder.calls.clear()
    result = runner.run([PARENT, *cells], **options)
    assert result.ok, told(result)
    return int(runner.recorder.printed().split()[0])


def told(result: NotebookResult) -> str:
    return result.failure.message() if result.failure else "ok"


def descriptors(pid: int) -> list[str]:
    """Return the kinds of a process's open descriptors, but of /proc, which it may be looking into just now."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed by now
            found.append(str(descriptor.readlink()).partition(":")[0])
    return sorted(kind for kind in found if not kind.startswith("/proc/"))


def waiting() -> Kernel:
    """Return the kernel that waits for the next notebook."""
    found = wait_until(lambda: reserve._RESERVE._next, "no kernel waits")
    kernel: Kernel = found.started.result(timeout=60)
    return kernel


def only_the_waiting_one(server: psutil.Process) -> bool:
    return [child.pid for child in server.children(recursive=True)] == [waiting().pid]


def test_it_starts_with_the_second_notebook_and_nobody_waits(runner: Runner, supply: Supply) -> None:
    assert parent_of(runner) == os.getpid()
    assert supply._server is None
    assert parent_of(runner) == os.getpid()
    assert supply._server
    assert supply._server.is_ready(patience=60)
    assert parent_of(runner) == supply._server.pid


def test_neither_it_nor_its_kernels_know_the_secrets_of_this_process(
    runner: Runner, server: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "DATABASE_URL" not in server.environ()
    monkeypatch.setenv("DAGSTER_CLOUD_API_TOKEN", "hunter3")
    source = "print(os.environ['DATABASE_URL'], os.environ['ONE'], 'hunter3' in str(os.environ), os.environ.get('TWO'))"
    assert parent_of(runner, source, environment={"ONE": "1"}) == server.pid
    assert runner.recorder.printed().split()[1:] == ["postgres://hunter2", "1", "False", "None"]
    assert parent_of(runner, "print(os.environ.get('ONE'))", environment={"TWO": "2"}) == server.pid
    assert runner.recorder.printed().split()[1:] == ["None"]


def test_fifty_notebooks_leave_nothing(
    runner: Runner, server: psutil.Process, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="t"))  # a short path, as sockets need
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def state() -> tuple[Any, ...]:
        return (
            descriptors(os.getpid()),
            descriptors(server.pid),
            len([*folder.iterdir()]),
            len(psutil.Process().children(recursive=True)),
            server.num_threads(),
        )

    assert parent_of(runner) == server.pid
    wait_until(lambda: only_the_waiting_one(server), "the first kernel stays")
    gc.collect()  # what earlier tests have left open
    before, memory = state(), server.memory_info().rss
    for _ in range(50):
        assert parent_of(runner, "x = 1") == server.pid
    wait_until(
        lambda: only_the_waiting_one(server) and state() == before,
        f"{state()} stays, not {before}",
        seconds=3,
    )
    assert server.memory_info().rss - memory < 2_000_000
    warm.stop()
    folder.rmdir()


KERNEL = "import os; print(os.getppid(), os.getpid())"


def kernel_of(runner: Runner, source: str = "1", **options: Any) -> int:
    """Run a notebook and return the process id of its kernel."""
    parent_of(runner, KERNEL, source, **options)
    return int(runner.recorder.printed().splitlines()[1].split()[1])


def test_the_next_notebook_finds_a_kernel_waiting(
    runner: Runner, server: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel_of(runner)
    first = waiting().pid
    monkeypatch.setenv("ASSETBOOK_DEPLOYMENT", "elsewhere")
    source = "print(os.environ['ASSETBOOK_DEPLOYMENT'], os.getcwd(), oct(os.umask(0)), os.listdir())"
    for path in runner.root.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    runner.root.rmdir()
    runner.root.mkdir()
    before = os.umask(0o027)
    try:
        assert kernel_of(runner, source) == first
    finally:
        os.umask(before)
    assert runner.recorder.printed().splitlines()[2] == f"elsewhere {runner.root} 0o27 ['nb.ipynb', 'run']"
    assert ended(first)
    assert waiting().pid != first


def test_a_kernel_waits_for_a_run_like_the_one_before(
    runner: Runner, server: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel_of(runner)
    first = waiting().pid
    monkeypatch.setenv("PASSWORD_OF_TODAY", "hunter4")
    assert kernel_of(runner, "assert os.environ['PASSWORD_OF_TODAY'] == 'hunter4'") != first
    wait_until(lambda: ended(first), "it waits for nobody")
    second = waiting().pid
    assert kernel_of(runner, environment={"ONE": "1"}) != second
    wait_until(lambda: ended(second), "it waits for nobody")


def test_a_kernel_that_dies_while_it_waits_is_not_used(runner: Runner, server: psutil.Process) -> None:
    kernel_of(runner)
    first = waiting()
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: first.process.has_ended, "it lives on")
    assert kernel_of(runner) != first.pid


def test_processes_that_hide_end_with_their_notebook(runner: Runner, server: psutil.Process) -> None:
    for last in ("1", "1 / 0", "os.kill(os.getpid(), 9)", "os._exit(1)"):
        runner.run([PARENT, DAEMON, "import subprocess; subprocess.Popen(['setsid', 'sleep', '600'])", last])
        assert ended(int((runner.root / "daemon").read_text()))
        wait_until(lambda: only_the_waiting_one(server), "something of the notebook lives on")
        (runner.root / "daemon").unlink()


def test_a_killed_one_is_replaced(
    runner: Runner, server: psutil.Process, caplog: pytest.LogCaptureFixture
) -> None:
    assert parent_of(runner) == server.pid
    server.kill()
    wait_until(lambda: ended(server.pid), "it lives on")
    parent = parent_of(runner)
    assert parent not in (server.pid, os.getpid())
    assert [r.getMessage().split(".")[0] for r in caplog.records if r.levelno >= logging.WARNING] == [
        "The fork server of the warm kernels has ended"
    ]


def test_one_that_is_killed_takes_its_kernels_with_it(runner: Runner, server: psutil.Process) -> None:
    begun = time.monotonic()
    result = runner.run(["import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(600)"])
    assert time.monotonic() - begun < 20
    assert result.failure
    assert result.failure.error == "the kernel died (signal SIGKILL)"
    assert parent_of(runner) not in (server.pid, os.getpid())


def test_one_that_hangs_is_not_waited_for(
    runner: Runner, server: psutil.Process, caplog: pytest.LogCaptureFixture
) -> None:
    server.suspend()
    try:
        assert parent_of(runner) == os.getpid()
        assert "Fresh kernel: the fork server of the warm ones says: timed out" in caplog.text
        assert parent_of(runner) not in (server.pid, os.getpid())
    finally:
        server.resume()


def test_one_that_hangs_does_not_keep_a_notebook_from_its_end(runner: Runner, server: psutil.Process) -> None:
    begun = time.monotonic()
    result = runner.run(["import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\nos._exit(3)"])
    server.resume()
    assert time.monotonic() - begun < 30
    assert result.failure
    assert result.failure.reason == "kernel died"


def test_it_imports_what_a_workspace_names(runner: Runner, supply: Supply) -> None:
    warm.preload_also(["wave"])
    assert warm.warm_up(runner.root, wait=60)
    runner.run(["import sys; print('wave' in sys.modules)"])
    assert runner.recorder.printed() == "True\n"


def test_a_library_that_starts_a_thread_is_no_library_for_it(
    runner: Runner,
    supply: Supply,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    (tmp_path / "busy.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True, name='b').start()"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    assert warm.warm_up(runner.root, modules=["busy"], wait=60)
    assert parent_of(runner) == os.getpid()
    assert parent_of(runner) == os.getpid()
    assert caplog.text.count("it has more than one thread") == 1


CLIENT = """
import sys, pathlib
sys.path.insert(0, {tests!r})
from tests.execute.executing import Runner, ended, wait_until
from assetbook.execute import warm
root = pathlib.Path({root!r})
assert warm.warm_up(root, wait=60)
source = "import pathlib, time; pathlib.Path('kernel').write_text(f'{{os.getpid()}} {{os.getppid()}}'); time.sleep(600)"
Runner(root).run([{daemon!r}, source])
"""


def test_it_ends_with_this_process_however_that_ends(runner: Runner) -> None:
    script = CLIENT.format(tests=str(Path(__file__).parent), root=str(runner.root), daemon=DAEMON)
    temporary = runner.root / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "ASSETBOOK_KERNELS": "warm", "TMPDIR": str(temporary)}
    written = runner.root / "kernel"
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as client:
        try:
            wait_until(
                lambda: written.exists() and len(written.read_text().split()) == 2, "no kernel", seconds=60
            )
        finally:
            client.kill()
    pids = [int(pid) for pid in [*written.read_text().split(), (runner.root / "daemon").read_text()]]
    wait_until(lambda: all(ended(pid) for pid in pids), "something lives on", seconds=2)
    wait_until(lambda: not [*temporary.iterdir()], "a folder stays", seconds=2)


def test_a_forked_copy_of_this_process_leaves_it_alone(runner: Runner, server: psutil.Process) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(1 if warm.supply._SUPPLY._server else 0)  # type: ignore[attr-defined]
    assert os.waitpid(pid, 0)[1] == 0
    assert parent_of(runner) == server.pid


def test_a_workspace_module_goes_before_a_library(runner: Runner, server: psutil.Process) -> None:
    (runner.root / "cloudpickle").mkdir()  # a folder alone is no package
    (runner.root / "mine.py").touch()
    assert parent_of(runner) == server.pid
    (runner.root / "duckdb.py").write_text("HERE = True")
    assert parent_of(runner, "import duckdb; duckdb.HERE") == os.getpid()


@pytest.mark.parametrize(
    "name", ["matplotlibrc", "sitecustomize.py", "pandas.cpython-311-x86_64-linux-gnu.so"]
)
def test_files_that_are_read_while_libraries_are_imported_ask_for_a_fresh_kernel(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "notes.md").touch()
    assert shadowing(tmp_path, frozenset({"pandas", "notes"})) is None
    (tmp_path / name).touch()
    assert shadowing(tmp_path, frozenset({"pandas"})) == name


HASH = "print([hash(word) % 1000 for word in ('origin', 'carrier', 'dest')])"
THREADS = "import sklearn.cluster, threadpoolctl\nprint({i['num_threads'] for i in threadpoolctl.threadpool_info()})"


@pytest.mark.parametrize(
    ("name", "value", "source", "expected"),
    [
        ("OMP_NUM_THREADS", "1", THREADS, "{1}"),
        ("PYTHONHASHSEED", "7", HASH, None),
        ("TZ", "Asia/Tokyo", "import time; print(time.tzname[0])", "JST"),
        ("MPLBACKEND", "agg", "import matplotlib.pyplot as plt; print(plt.get_backend())", "agg"),
    ],
)
def test_a_job_that_sets_what_libraries_read_gets_a_fresh_kernel(
    runner: Runner, server: psutil.Process, name: str, value: str, source: str, expected: str | None
) -> None:
    script = [sys.executable, "-c", source]
    expected = (
        expected
        or subprocess.run(
            script, env={**os.environ, name: value}, capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    assert parent_of(runner, source, environment={name: value}) == os.getpid()
    assert runner.recorder.printed().splitlines()[1] == expected
    assert parent_of(runner) == server.pid


def test_a_changed_environment_asks_for_another_one(
    runner: Runner, server: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    source = "import time; print(time.tzname[0])"
    parent = parent_of(runner, source)
    assert parent not in (server.pid, os.getpid())
    assert runner.recorder.printed().split()[1] == "JST"
    wait_until(lambda: ended(server.pid), "the one before lives on")


def test_what_a_library_sets_while_it_is_imported_here_asks_for_no_other_one(
    runner: Runner, server: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KMP_INIT_AT_FORK", "FALSE")  # scikit-learn
    monkeypatch.setenv("_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:-1")  # polars
    assert parent_of(runner) == server.pid


def test_an_installed_package_asks_for_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(packages)])
    environment = {"PYTHONPATH": f"{tmp_path}:more:/x", "SECRET": "s", "TZ": "UTC"}
    before = Origin.of(environment, folder=tmp_path, modules=["pandas"])
    assert before == Origin.of({**environment, "SECRET": "t"}, folder=tmp_path, modules=["pandas"])
    assert before.search == (f"{tmp_path}/more", "/x")
    assert "s" not in json.dumps(before.environment)
    os.utime(packages, (1, 1))
    assert before != Origin.of(environment, folder=tmp_path, modules=["pandas"])


def test_the_switch_turns_it_off(
    runner: Runner, server: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSETBOOK_KERNELS", "fresh")
    assert parent_of(runner) == os.getpid()
    assert not warm.warm_up(runner.root)
    monkeypatch.setenv("ASSETBOOK_KERNELS", "cold")
    with pytest.raises(RunError, match="ASSETBOOK_KERNELS is 'cold'"):
        runner.run(["1"])


def test_a_stopped_process_can_be_let_go(runner: Runner, server: psutil.Process) -> None:
    server.suspend()
    begun = time.monotonic()
    warm.stop()
    assert time.monotonic() - begun < 20
    server.resume()
