"""The fork server: when there is one, what it leaves behind (nothing), and what happens without it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from assetbook.errors import RunError
from assetbook.execute import NotebookResult, warm
from assetbook.execute.warm.origin import Origin, shadowing
from assetbook.execute.warm.supply import Supply
from tests.execute.executing import Runner

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


@pytest.fixture
def server(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[psutil.Process]:
    """Return a fork server that belongs to this test."""
    monkeypatch.setenv("ASSETBOOK_KERNELS", "warm")
    warm.stop()
    monkeypatch.setenv("DATABASE_URL", "postgres://hunter2")
    assert warm.warm_up(runner.root, wait=60)
    (found,) = [p for p in psutil.Process().children() if "assetbook.execute.warm.serving" in p.cmdline()]
    yield found
    warm.stop()
    assert not found.is_running()


def parent_of(runner: Runner, *cells: str, **options: Any) -> int:
    """Run a notebook and return the parent of its kernel."""
    runner.recorder.calls.clear()
    result = runner.run([PARENT, *cells], **options)
    assert result.ok, told(result)
    return int(runner.recorder.printed().split()[0])


def told(result: NotebookResult) -> str:
    return result.failure.message() if result.failure else "ok"


def wait_until(condition: Callable[[], Any], what: str, *, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def ended(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_it_starts_with_the_second_notebook_and_nobody_waits(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSETBOOK_KERNELS", "warm")
    supply = Supply()
    monkeypatch.setattr("assetbook.execute.warm.supply._SUPPLY", supply)
    try:
        assert parent_of(runner) == os.getpid()
        assert supply._server is None
        assert parent_of(runner) == os.getpid()
        assert supply._server
        assert supply._server.is_ready(patience=60)
        assert parent_of(runner) == supply._server.pid
    finally:
        supply.stop()


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
        mine, its = (len(os.listdir(f"/proc/{pid}/fd")) for pid in (os.getpid(), server.pid))  # noqa: PTH208
        return (
            mine,
            its,
            [*folder.iterdir()],
            len(psutil.Process().children(recursive=True)),
            server.num_threads(),
        )

    assert parent_of(runner) == server.pid
    wait_until(lambda: not server.children(), "the first kernel stays")
    before, memory = state(), server.memory_info().rss
    for _ in range(50):
        assert parent_of(runner, "x = 1") == server.pid
    wait_until(
        lambda: all(now <= then for now, then in zip(state(), before, strict=True)),
        f"{state()} stays, not {before}",
        seconds=3,
    )
    assert server.memory_info().rss - memory < 2_000_000
    folder.rmdir()


def test_processes_that_hide_end_with_their_notebook(runner: Runner, server: psutil.Process) -> None:
    for last in ("1", "1 / 0", "os.kill(os.getpid(), 9)", "os._exit(1)"):
        runner.run([PARENT, DAEMON, "import subprocess; subprocess.Popen(['setsid', 'sleep', '600'])", last])
        assert ended(int((runner.root / "daemon").read_text()))
        assert not server.children(recursive=True)
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


def test_a_library_that_starts_a_thread_is_no_library_for_it(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "busy.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True, name='b').start()"
    )
    monkeypatch.setenv("ASSETBOOK_KERNELS", "warm")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    supply = Supply()
    monkeypatch.setattr("assetbook.execute.warm.supply._SUPPLY", supply)
    assert warm.warm_up(runner.root, modules=["busy"], wait=60)
    try:
        assert parent_of(runner) == os.getpid()
        assert parent_of(runner) == os.getpid()
        assert caplog.text.count("it has more than one thread") == 1
    finally:
        supply.stop()


CLIENT = """
import sys, pathlib
sys.path.insert(0, {tests!r})
from tests.execute.executing import Runner
from assetbook.execute import warm
root = pathlib.Path({root!r})
assert warm.warm_up(root, wait=60)
source = "import pathlib, time; pathlib.Path('kernel').write_text(f'{{os.getpid()}} {{os.getppid()}}'); time.sleep(600)"
Runner(root).run([{daemon!r}, source])
"""


def test_it_ends_with_this_process_however_that_ends(runner: Runner) -> None:
    script = CLIENT.format(tests=str(Path(__file__).parent), root=str(runner.root), daemon=DAEMON)
    environment = {**os.environ, "ASSETBOOK_KERNELS": "warm"}
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


def test_a_job_that_sets_what_libraries_read_gets_a_fresh_kernel(
    runner: Runner, server: psutil.Process
) -> None:
    source = "import sklearn.cluster, threadpoolctl\nprint({i['num_threads'] for i in threadpoolctl.threadpool_info()})"
    assert parent_of(runner, source, environment={"OMP_NUM_THREADS": "1"}) == os.getpid()
    assert "{1}" in runner.recorder.printed()
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
    os.kill(server.pid, signal.SIGSTOP)
    begun = time.monotonic()
    warm.stop()
    assert time.monotonic() - begun < 20
    assert not server.is_running()
