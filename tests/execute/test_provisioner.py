"""Warm kernels for other Jupyter clients: the kernel specification ``assetbook``, and what its provisioner starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager

from assetbook.execute.warm.supply import Supply
from tests.execute.executing import Runner, ended, wait_until, write_nb

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")

PRELUDE = """
import json, os, signal, subprocess, sys, threading, time
from jupyter_client.manager import KernelManager, start_new_kernel

def say(**found):
    print(json.dumps(found), flush=True)

def start(**options):
    manager, client = start_new_kernel(kernel_name="assetbook", **options)
    return manager, client

def run(client, source, hear=lambda text: None):
    shown = []
    def keep(message):
        shown.append(message["content"].get("text") or message["content"].get("ename") or "")
        hear(shown[-1])
    client.execute_interactive(source, timeout=30, output_hook=keep)
    return "".join(shown)

def pids(client):
    return [int(pid) for pid in run(client, "import os; print(os.getpid(), os.getppid())").split()]

def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
"""


def jupyter(script: str, **variables: str) -> dict[str, Any]:
    """Have a script be a Jupyter client, in a process of its own; return what it says."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + script],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_it_is_installed() -> None:
    specification = KernelSpecManager().get_kernel_spec("assetbook")
    assert specification.display_name == "Python (Assetbook, warm)"
    assert specification.metadata["kernel_provisioner"]["provisioner_name"] == "assetbook-provisioner"


SESSION = """
manager, client = start(cwd={folder!r}, env={{**os.environ, "ONE": "1"}})
first = pids(client)
where = run(client, "print(os.environ['ONE'], os.getcwd(), os.environ['JPY_PARENT_PID'])").split()
error = run(client, "1 / 0")
interrupted = run(
    client,
    "import time\\nprint('now', flush=True)\\ntime.sleep(600)",
    lambda text: manager.interrupt_kernel() if "now" in text else None,
)
backend = run(client, "import matplotlib.pyplot as plt; plt.plot([1, 2]); print(plt.get_backend())")
alive = manager.is_alive(), pids(client) == first
client.stop_channels()
manager.shutdown_kernel()
say(first=first, where=where, error=error, interrupted=interrupted, backend=backend, alive=alive,
    left=[manager.is_alive(), manager.has_kernel], own=os.getpid())
"""


def test_a_kernel_is_that_of_a_jupyter_client(server: psutil.Process, tmp_path: Path) -> None:
    found = jupyter(SESSION.format(folder=str(tmp_path)))
    assert found["first"][1] == server.pid
    assert found["where"] == ["1", str(tmp_path), str(found["own"])]
    assert found["error"] == "ZeroDivisionError"
    assert found["interrupted"].split() == ["now", "KeyboardInterrupt"]
    assert "inline" in found["backend"]
    assert found["alive"] == [True, True]
    assert found["left"] == [False, False]
    assert ended(found["first"][0])
    wait_until(lambda: not server.children(), "something stays")


AGAIN = """
manager, client = start()
seen = [pids(client)]
for now in (True, False):
    manager.restart_kernel(now=now)
    client.wait_for_ready(timeout=30)
    seen.append(pids(client))
sleeper = int(run(client, "import subprocess; print(subprocess.Popen(['setsid', 'sleep', '600']).pid)"))
os.kill(seen[-1][0], signal.SIGKILL)
wait_until(lambda: not manager.is_alive())
say(seen=seen, sleeper=sleeper)
"""


def test_it_can_be_started_again_and_its_end_is_seen(server: psutil.Process) -> None:
    found = jupyter(AGAIN)
    kernels, parents = zip(*found["seen"], strict=True)
    assert len({*kernels}) == 3
    assert {*parents} == {server.pid}
    assert all(ended(pid) for pid in (*kernels, found["sleeper"]))


def test_it_ends_with_its_client_however_that_ends(server: psutil.Process) -> None:
    script = f"{PRELUDE}\nmanager, client = start()\nsay(kernel=manager.provisioner.pid)\nsys.stdin.read()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout
        kernel = json.loads(client.stdout.readline())["kernel"]
        assert psutil.Process(kernel).ppid() == server.pid
        client.kill()
    wait_until(lambda: ended(kernel), "it lives on")
    assert server.is_running()


EIGHT = """
import nbformat
from nbclient import NotebookClient
seen = []
def work():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; print(os.getppid())")])
    NotebookClient(notebook, kernel_name="assetbook").execute()
    seen.append(int(notebook.cells[0].outputs[0].text))
def descriptors():
    return len(os.listdir("/proc/self/fd"))
work()
before = descriptors()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
kinds = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}")]
say(seen=seen, pidfds=sum("pidfd" in kind for kind in kinds))
"""


def test_eight_at_once_leave_nothing(server: psutil.Process) -> None:
    descriptors = server.num_fds()
    found = jupyter(EIGHT)
    assert found == {"seen": [server.pid] * 9, "pidfds": 0}
    wait_until(lambda: not server.children() and server.num_fds() == descriptors, "something stays")


def test_papermill_runs_on_it(server: psutil.Process, tmp_path: Path) -> None:
    notebook = write_nb(tmp_path / "nb.ipynb", ["1", "import os; print(os.getppid())"])
    done = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "--kernel", "assetbook", str(notebook), str(done)]
    subprocess.run(command, check=True, capture_output=True)
    (output,) = json.loads(done.read_text("utf-8"))["cells"][-1]["outputs"]
    assert "".join(output["text"]).strip() == str(server.pid)


OTHERS = """
manager, client = start({options})
say(parent=pids(client)[1], own=os.getpid(), kind=type(manager.provisioner.process).__name__)
client.stop_channels()
manager.shutdown_kernel()
"""


@pytest.mark.parametrize(
    ("options", "switch"),
    [("", "fresh"), ("env={**os.environ, 'OMP_NUM_THREADS': '1'}", "warm"), ("independent=True", "warm")],
    ids=["switched off", "another environment", "outlives its client"],
)
def test_other_kernels_start_as_jupyter_starts_them(
    server: psutil.Process, options: str, switch: str
) -> None:
    found = jupyter(OTHERS.format(options=options), ASSETBOOK_KERNELS=switch)
    assert found["parent"] == found["own"]
    assert found["kind"] == "Popen"


FIRST = """
from assetbook.execute.warm.supply import _SUPPLY
manager, client = start()
seen = [pids(client)[1]]
assert _SUPPLY._server.is_ready(patience=60)
manager.restart_kernel()
client.wait_for_ready(timeout=30)
say(seen=[*seen, pids(client)[1]], expected=[os.getpid(), _SUPPLY._server.pid])
manager.shutdown_kernel()
"""


def test_the_first_kernel_starts_the_fork_server_for_the_next(supply: Supply) -> None:
    found = jupyter(FIRST)
    assert found["seen"] == found["expected"]


def test_a_notebook_asset_that_names_it_has_the_default_kernel(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "/nowhere")
    kernel = {"name": "assetbook", "display_name": "x"}
    result = runner.run(["import sys; print(sys.executable)"], metadata={"kernelspec": kernel})
    assert result.ok
    assert runner.recorder.printed().strip() == sys.executable
    assert json.loads(result.saved.read_text("utf-8"))["metadata"]["kernelspec"]["name"] == "assetbook"
