"""One fork server for several processes: who starts it, how long it stays, what each of them gets of it."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from assetbook import resident
from assetbook.errors import WorkspaceError
from assetbook.execute import warm
from assetbook.execute.warm import origin
from assetbook.execute.warm.origin import Origin
from assetbook.execute.warm.supply import Supply
from tests.execute.executing import Runner, ended, run_python, server_pid, wait_until
from tests.execute.test_warm_server import parent_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")

# a process that runs one notebook each time that it is told its cells
CLIENT = """
import json, pathlib, sys
sys.path.insert(0, {tests!r})
from tests.execute.executing import Runner
from assetbook.execute import warm
root = pathlib.Path({root!r})
if {announced}:
    assert warm.warm_up(root, wait=60)
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    runner = Runner(root)
    result = runner.run(json.loads(line))
    failure = result.failure.message() if result.failure else ""
    shown = dict(printed=runner.recorder.printed(), failure=failure, shared=result.shared_memory_mb)
    print(json.dumps(shown), flush=True)
"""
WHERE = "import os; print(os.getppid())"
BUSY = "import os, pathlib, time\npathlib.Path('busy').write_text(str(os.getpid()))\ntime.sleep(600)"


@dataclass
class Client:
    """A process that runs notebooks."""

    process: subprocess.Popen[str]
    root: Path
    is_ready: bool = False

    def begin(self, *cells: str) -> None:
        if not self.is_ready:
            assert self.hear() == "ready"
            self.is_ready = True
        assert self.process.stdin
        self.process.stdin.write(json.dumps(cells) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "it has ended"
        return json.loads(line)

    def run(self, *cells: str) -> dict[str, Any]:
        self.begin(*cells)
        found: dict[str, Any] = self.hear()
        assert not found["failure"]
        return found

    def server(self) -> int:
        """Run a notebook and return the parent of its kernel."""
        return int(self.run(WHERE)["printed"])

    def busy(self) -> int:
        """Begin a notebook that does not end, and return its kernel."""
        self.begin(BUSY)
        file = self.root / "busy"
        return int(wait_until(lambda: file.exists() and file.read_text(), "no kernel"))

    def leave(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(20) == 0


NewClient = Callable[..., Client]


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewClient]:
    """Start processes that run notebooks, with fork servers of their own."""
    monkeypatch.setenv("ASSETBOOK_KERNELS", "warm")
    monkeypatch.setenv("XDG_TEST", str(tmp_path))
    with ExitStack() as held:

        def start(name: str, *, announced: bool = True, **options: Any) -> Client:
            root = tmp_path / name
            root.mkdir()
            script = CLIENT.format(tests=str(Path(__file__).parents[2]), root=str(root), announced=announced)
            process = held.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", script],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    **options,
                )
            )
            held.callback(process.kill)
            return Client(process, root)

        yield start


@pytest.fixture
def server_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Client], int]]:
    """Have a fork server stay, until the end of the test."""
    monkeypatch.setenv("ASSETBOOK_STAY", "100")
    found: set[int] = set()

    def look(client: Client) -> int:
        found.add(pid := client.server())
        return pid

    yield look
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_two_processes_share_one_and_it_ends_with_the_last(client: NewClient) -> None:
    one = client("one")
    other = client("other", announced=False)
    server = one.server()
    assert other.server() == server  # at its first notebook already
    assert server not in (one.process.pid, other.process.pid)
    assert psutil.Process(server).ppid() not in (one.process.pid, other.process.pid)
    one.leave()
    assert other.server() == server
    other.leave()
    wait_until(lambda: ended(server), "it stays")


def test_a_killed_process_takes_its_kernels_with_it_and_no_others(
    client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as folder:  # a short path, as sockets need
        monkeypatch.setenv("TMPDIR", folder)
        one, other = client("one"), client("other")
        server = other.server()
        kernel, theirs = one.busy(), other.busy()
        assert [psutil.Process(pid).ppid() for pid in (kernel, theirs)] == [server] * 2
        private = {*Path(folder).iterdir()}
        one.process.kill()
        wait_until(lambda: ended(kernel), "it lives on")
        wait_until(lambda: {*Path(folder).iterdir()} < private, "its folder stays")
        assert not ended(theirs)
        os.kill(theirs, signal.SIGINT)
        assert "KeyboardInterrupt" in other.hear()["failure"]
        assert other.server() == server
        other.leave()
        wait_until(lambda: ended(server), "it stays")
        assert not [*Path(folder).iterdir()]


def test_one_that_is_killed_fails_the_notebooks_of_all_and_another_takes_over(client: NewClient) -> None:
    one, other = client("one"), client("other")
    server = one.server()
    for each in (one, other):
        each.busy()
    os.kill(server, signal.SIGKILL)
    assert "the kernel died (signal SIGKILL)" in one.hear()["failure"]
    assert "the kernel died (signal SIGKILL)" in other.hear()["failure"]
    assert one.server() == other.server() not in (server, one.process.pid, other.process.pid)


def test_it_stays_for_the_next_process(
    client: NewClient, server_of: Callable[[Client], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = client("one")
    server = server_of(one)
    one.leave()
    other = client("other", announced=False)
    assert server_of(other) == server
    assert not psutil.Process(server).children()[1:], "one notebook asks for no kernel that waits"
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert client("third", announced=False).server() != server  # another origin
    other.leave()
    assert not ended(server)


def test_it_ends_when_nobody_has_come_for_a_while(client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSETBOOK_STAY", "0.3")
    one = client("one")
    server = one.server()
    one.leave()
    wait_until(lambda: ended(server), "it stays")


def test_one_that_ends_while_a_process_connects_is_started_again(
    runner: Runner, supply: Supply, caplog: pytest.LogCaptureFixture
) -> None:
    address = supply._address(supply._expected(runner.root))
    listener = resident.listen(address)
    assert listener
    assert parent_of(runner) == os.getpid()  # it does not say that it is ready
    listener.close()
    assert warm.warm_up(runner.root, wait=60)
    assert parent_of(runner) == server_pid()
    assert not caplog.records


def test_a_process_that_ends_does_not_wait_for_what_nobody_needs(runner: Runner, supply: Supply) -> None:
    warm.warm_up(runner.root)
    address = supply._address(supply._expected(runner.root))
    supply.stop()
    assert is_there(address), "it was waited for"
    wait_until(lambda: not is_there(address), "it stays")


def is_there(address: str) -> bool:
    line = resident.connect(address)
    if line:
        line.close()
    return line is not None


def test_one_that_never_becomes_ready_is_left_alone(
    runner: Runner, supply: Supply, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("assetbook.execute.warm.supply._LOADING", 0.3)
    address = supply._address(supply._expected(runner.root))
    listener = resident.listen(address)
    assert listener
    with listener:
        assert not warm.warm_up(runner.root, wait=0.5)
        monkeypatch.setattr("assetbook.execute.warm.supply._LOADING", 30.0)
        supply._server._connected -= 60  # type: ignore[union-attr]
        assert warm.warm_up(runner.root, wait=60)
        assert parent_of(runner) == server_pid()
    assert "does not become ready. Another process started it, and has its log." in caplog.text


RIGHTS = (
    "import json, os, resource, signal\nmask = os.umask(0); os.umask(mask)\n"
    "kept = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, signal.SIGUSR1 in signal.pthread_sigmask(0, [])\n"
    "print(json.dumps([resource.getrlimit(resource.RLIMIT_NOFILE), mask, *kept]))"
)


def test_each_process_gets_its_own_rights(client: NewClient) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def narrowed() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
        os.umask(0o077)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])

    mask = os.umask(0)
    os.umask(mask)
    one, other = client("one", preexec_fn=narrowed), client("other")
    assert one.server() == other.server()
    assert json.loads(one.run(RIGHTS)["printed"]) == [[soft - 1, hard], 0o077, True, True]
    assert json.loads(other.run(RIGHTS)["printed"]) == [[soft, hard], mask, False, False]


@pytest.mark.parametrize(
    "narrow",
    [
        lambda: os.nice(1),
        lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)),
        lambda: resource.setrlimit(
            resource.RLIMIT_STACK, (1 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1])
        ),
    ],
    ids=["priority", "hard limit", "stack"],
)
def test_what_a_process_cannot_take_on_asks_for_another_one(narrow: Callable[[], Any]) -> None:
    script = "from assetbook.execute.warm import rights; print(rights.fixed())"
    shown = [run_python(script), run_python(script, preexec_fn=narrow)]
    assert shown[0] == run_python(script)
    assert shown[0] != shown[1]


def test_what_a_notebook_starts_is_for_none_but_itself(client: NewClient) -> None:
    one = client("one")
    inner = (
        "import pathlib, sys\nfrom assetbook.execute import warm\nfrom assetbook.execute.warm import supply\n"
        "assert warm.warm_up(pathlib.Path.cwd(), wait=60)\nprint(os.getppid(), supply._SUPPLY._server.pid)"
    )
    outer_server, inner_server = map(int, one.run("import os", inner)["printed"].split())
    assert outer_server != inner_server
    wait_until(lambda: ended(inner_server), "it outlives the notebook")
    assert one.server() == outer_server


def test_memory_that_is_shared_is_told(client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    one = client("one")
    assert one.run("1")["shared"] > 50
    monkeypatch.setenv("ASSETBOOK_KERNELS", "fresh")
    assert client("other", announced=False).run("1")["shared"] == 0


def test_our_own_code_that_has_changed_asks_for_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("session", "cli", "__pycache__"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text("a = 1")
    monkeypatch.setattr(origin, "_OWN", tmp_path)
    before = Origin.of({}, folder=tmp_path, modules=[])
    (tmp_path / "cli" / "module.py").write_text("a = 22")  # not for kernels
    assert Origin.of({}, folder=tmp_path, modules=[]) == before
    (tmp_path / "session" / "module.py").write_text("a = 22")
    assert Origin.of({}, folder=tmp_path, modules=[]) != before


def test_settings_that_libraries_read_once_ask_for_another_one(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}
    before = Origin.of(environment, folder=tmp_path, modules=[])
    settings = tmp_path / ".config" / "matplotlib" / "matplotlibrc"
    settings.parent.mkdir(parents=True)
    settings.write_text("lines.linewidth: 3")
    assert Origin.of(environment, folder=tmp_path, modules=[]) != before


def test_a_wrong_time_to_stay_is_said(
    runner: Runner, supply: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSETBOOK_STAY", "a day")
    with pytest.raises(WorkspaceError, match="ASSETBOOK_STAY is 'a day'"):
        runner.run(["1"])
