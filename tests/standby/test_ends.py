"""What starts a command server, what ends it, and what ends its commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import dagster as dg
import psutil
import pytest

from assetbook import resident
from assetbook.standby.order import Order
from assetbook.standby.origin import origin, places
from assetbook.standby.served import serve
from tests.standby.conftest import (
    COMMAND,
    PATIENCE,
    Standby,
    alive,
    environment,
    fresh,
    read_json,
    wait_for,
)
from tests.terminal import ctrl_c

SLOW = [
    "import os, time",
    "open('processes', 'w').write(f'{os.getpid()}\\n')\ntime.sleep(600)",
]
WHO = "import json, os\nopen('who.json', 'w').write(json.dumps([os.getpid(), os.getppid()]))"


@pytest.fixture
def slow(workspace):
    """A workspace whose only notebook does not end by itself."""
    workspace.notebook("slow", SLOW)
    workspace.write("assets/who.py", WHO)
    return workspace


def kernel(space):
    """Wait until the notebook sleeps; return its kernel."""
    file = space.root / "processes"
    wait_for(lambda: file.exists() and file.read_text().endswith("\n"), "the notebook")
    return int(file.read_text())


def command(space):
    """Return the process that the command runs in, and its parent."""
    return read_json(space.root / "who.json")


def start(space, standby, *arguments, **options):
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **options}
    return subprocess.Popen([*COMMAND, *arguments], cwd=space.root, env=standby.environment, **given)


def states(space):
    with dg.DagsterInstance.from_config(str(space.root / "data" / "dagster")) as instance:
        return [run.status.value for run in instance.get_runs()]


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_at_a_terminal_ends_the_command_and_gives_the_terminal_back(slow, served, times):
    code, shown, own = ctrl_c(
        [*COMMAND, "run"], cwd=slow.root, env=served.environment, times=times, when=lambda: kernel(slow)
    )

    assert command(slow)[1] == served.pid
    assert code == 130
    assert "Stopped" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is back
    assert "Traceback" not in shown
    assert not alive(own)
    assert states(slow) == ["CANCELED"]


def test_sigterm_ends_the_command(slow, served):
    with start(slow, served, "run") as process:
        own = kernel(slow)
        process.terminate()
        shown, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130
    assert "Stopped while running slow" in shown
    assert not alive(own)
    assert states(slow) == ["CANCELED"]


def test_a_killed_client_takes_its_command_with_it(slow, served, call):
    with start(slow, served, "run") as process:
        own = kernel(slow)
        process.kill()
    wait_for(lambda: not alive(own), "the end of the kernel")
    wait_for(lambda: not alive(command(slow)[0]), "the end of the command")
    slow.notebook("slow", ["1"])

    assert call("run", env=served.environment).returncode == 0
    assert states(slow) == ["SUCCESS", "FAILURE"]


def test_a_command_of_which_its_client_wants_that_is_asked_to_end_instead(slow, served):
    wanted = Order.of_this_process("assetbook.cli:command", ["assetbook", "run"])
    wanted = wanted._replace(environment=served.environment)
    command_ = serve(served.place, wanted, last=signal.SIGTERM)
    assert command_
    command_.begin()
    own = kernel(slow)

    command_.close()

    wait_for(lambda: not alive(command_.pid), "the end of the command")
    assert not alive(own)
    assert states(slow) == ["CANCELED"]


def test_a_killed_server_takes_its_commands_with_it_and_their_clients_say_so(slow, place):
    with place.start() as server, start(slow, place, "run") as process:
        own = kernel(slow)
        server.kill()
        shown, _ = process.communicate(timeout=PATIENCE)

        assert process.returncode == 1
        assert f"error: The server that this command ran in (process {server.pid}) was killed" in shown
        assert "Traceback" not in shown
        assert not alive(command(slow)[0])
        wait_for(lambda: not alive(own), "the end of the kernel")


def test_a_stopped_client_stops_its_command_until_it_goes_on(slow, served):
    with start(slow, served, "run") as process:
        kernel(slow)
        process.send_signal(signal.SIGTSTP)
        wait_for(lambda: state(process.pid) == state(command(slow)[0]) == "T", "both to stop")
        process.send_signal(signal.SIGCONT)
        wait_for(lambda: "T" not in (state(process.pid), state(command(slow)[0])), "both to go on")
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 130


def state(number):
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]


def test_the_first_command_leaves_a_server_for_the_next(slow, place, call):
    assert place.pid is None
    call("ls", env=place.environment)
    assert command(slow)[1] == os.getpid()
    wait_for(lambda: place.pid, "the command server")

    call("ls", env=place.environment)

    assert command(slow)[1] == place.pid


@pytest.mark.parametrize("arguments", [["--version"], ["home"], ["run", "--wrong-option"], ["ls"]])
def test_no_server_is_left_by_what_does_not_need_it_or_does_not_want_it(slow, place, call, arguments):
    variables = place.environment if arguments != ["ls"] else fresh(place.environment)
    log = slow.root / "started"
    # whatever Python this one starts writes its command down
    variables = {**variables, "PYTHONPATH": str(slow.root / "watch"), "STARTED": str(log)}
    slow.write(
        "watch/sitecustomize.py",
        "import os, sys\nopen(os.environ['STARTED'], 'a').write(f'{sys.orig_argv}\\n')",
    )

    call(*arguments, env=variables)

    assert "standby" not in log.read_text()


def test_a_wrong_stay_is_said(slow, place, call):
    answer = call("ls", env={**place.environment, "ASSETBOOK_STAY": "long"})

    assert answer.returncode == 2
    assert answer.stderr.startswith(b"error: ASSETBOOK_STAY is 'long'; it is the seconds")


def test_a_server_that_nobody_asks_ends(workspace):
    with Standby.make().start(stay="0.5") as server:
        assert server.wait(PATIENCE) == 0


def test_a_server_with_a_command_stays(slow, call):
    standby = Standby.make()
    with standby.start(stay="1") as server:
        line = resident.connect(standby.place)  # keeps it while the command starts
        assert line
        with line, start(slow, standby, "run") as process:
            kernel(slow)
            line.close()
            closed = time.monotonic()
            wait_for(lambda: time.monotonic() > closed + 2, "more time than it stays without one")

            call("ls", env=standby.environment)
            assert command(slow)[1] == server.pid

            process.terminate()
            process.communicate(timeout=PATIENCE)
            assert process.returncode == 130
        assert server.wait(PATIENCE) == 0


def test_a_server_with_a_second_thread_runs_nothing_and_keeps_others_from_starting(slow, place, call):
    code = (
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "from assetbook.standby.server import main\nmain()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], env=place.environment, cwd="/", start_new_session=True
    ) as server:
        wait_for(lambda: place.pid, "the command server")

        answer = call("ls", env=place.environment)

        assert answer.returncode == 0
        assert command(slow)[1] == os.getpid()
        assert place.pid == server.pid
        server.kill()


def test_clients_that_say_nothing_or_nonsense_disturb_nobody(slow, served, call):
    silent, talking = resident.connect(served.place), resident.connect(served.place)
    assert silent
    assert talking
    with silent, talking:
        talking.send(b"nonsense")
        assert talking.recv(10) == b""

        assert call("ls", env=served.environment).returncode == 0
        assert command(slow)[1] == served.pid


def test_nothing_is_left_of_commands(slow, served, call):
    call("ls", env=served.environment)
    server = served.pid
    before = settled(server)

    for _ in range(5):
        call("ls", env=served.environment)

    wait_for(lambda: open_files(server) == before, "the server to forget its clients")
    assert not children(served.pid)


def settled(number):
    """Return the open files of a process that has forgotten its last client: it looks the same for a while."""
    found = []

    def same():
        found.append(open_files(number))
        return len(found) > 10 and all(one == found[-1] for one in found[-10:])

    wait_for(same, "the server to come to rest")
    return found[-1]


def open_files(number):
    found = []
    for file in Path(f"/proc/{number}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed by now
            found.append(str(file.readlink()).split(":")[0])
    return sorted(found)


def children(number):
    return Path(f"/proc/{number}/task/{number}/children").read_text().split()


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C.UTF-8"},
        {"PYTHONPATH": "/elsewhere"},
        {"PYTHONHASHSEED": "1"},
        {"PANDERA_CACHE_DATAFRAME": "1"},
    ],
)
def test_another_environment_has_another_server(variables):
    assert places(origin(environment(**variables))) != places(origin(environment()))


@pytest.mark.parametrize(
    "variables", [{"AWS_SECRET_ACCESS_KEY": "x"}, {"COLUMNS": "3"}, {"ASSETBOOK_DATA": "d"}]
)
def test_what_a_command_reads_when_it_needs_it_has_the_same_server(variables):
    assert places(origin(environment(**variables))) == places(origin(environment()))


def test_a_changed_file_of_ours_has_another_server(tmp_path):
    (tmp_path / "cli").mkdir()
    file = tmp_path / "cli" / "ls.py"
    file.write_text("")
    before = list(resident.sources(str(tmp_path)))

    os.utime(file, ns=(1, 1))

    assert list(resident.sources(str(tmp_path))) != before


def test_the_server_has_no_secrets(place, slow, call):
    call(
        "ls",
        env={**place.environment, "AWS_SECRET_ACCESS_KEY": "hidden", "DAGSTER_CLOUD_API_TOKEN": "hidden"},
    )
    wait_for(lambda: place.pid, "the command server")

    text = Path(f"/proc/{place.pid}/environ").read_text()
    variables = dict(item.split("=", 1) for item in text.split("\0") if item)
    assert "hidden" not in text
    assert variables["OTEL_SERVICE_NAME"] == place.environment["OTEL_SERVICE_NAME"]


def test_a_variable_that_polars_sets_gives_the_server_no_threads(place):
    variables = {**place.environment, "_RJEM_MALLOC_CONF": "dirty_decay_ms:500"}
    with Standby(variables, place.place).start() as server:
        assert psutil.Process(server.pid).num_threads() == 1
