"""Runs that the UI and the daemon launch come from the command server, and from the code server where they cannot."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import dagster as dg
import pytest
from dagster._cli.job import _create_run
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import GrpcServerTarget
from dagster._grpc.client import DagsterGrpcClient

from assetbook.platform.instance import HOST_TAG, PROCESS_TAG, open_instance
from assetbook.settings import Settings
from tests.standby.conftest import Standby, alive, read_json, wait_for

ASSET = """
import json, os, time
from pathlib import Path

import assetbook as ab
import pandas as pd


@ab.table
def cities():
    "Cities."
    facts = {"pid": os.getpid(), "parent": os.getppid(), "folder": os.getcwd(), "own": os.environ.get("OWN")}
    Path(__file__).with_name("new.json").write_text(json.dumps(facts))
    Path(__file__).with_name("new.json").rename(Path(__file__).parent.parent / "run.json")
    for _ in range(int(Path(__file__).with_name("seconds").read_text()) * 20):
        time.sleep(0.05)
    return pd.DataFrame({"name": ["Bergen"]})
"""

DEFINITIONS = """
from pathlib import Path
from assetbook.platform import definitions
defs = definitions(Path(__file__).parent)
"""


@pytest.fixture
def standby(monkeypatch):
    """A place for a command server, used by this process and what it starts."""
    found = Standby.make()
    for name in os.environ.keys() - found.environment.keys():
        monkeypatch.delenv(name)
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OWN", "as the daemon's")
    clean = subprocess.check_output([sys.executable, "-c", "import json, sys; print(json.dumps(sys.path))"])
    monkeypatch.setattr(sys, "path", json.loads(clean))  # pytest puts folders of its own before it
    yield found
    found.end()


@pytest.fixture
def location(workspace, standby, tmp_path):
    """A workspace with one asset, its instance, and a code server as `dagster dev` keeps one; gives `launch`."""
    workspace.write("assets/cities.py", ASSET)
    workspace.write("assets/seconds", "0")
    workspace.write("definitions.py", DEFINITIONS)
    socket = tmp_path / "code"
    command = ["api", "grpc", "-f", "definitions.py", "-d", str(workspace.root), "--socket", str(socket)]
    with (
        open_instance(Settings.load(workspace.root)) as instance,
        subprocess.Popen([sys.executable, "-m", "dagster", *command, "--location-name", "here"]) as server,
    ):
        client = DagsterGrpcClient(socket=str(socket))
        wait_for(lambda: answers(client), "the code server")
        target = GrpcServerTarget("localhost", port=None, socket=str(socket), location_name="here")
        with WorkspaceProcessContext(instance, target) as process:
            yield Location(workspace, instance, process.create_request_context())
        server.terminate()


def answers(client):
    try:
        return client.ping("")
    except dg.DagsterError:
        return False


class Location:
    """What a test launches runs of."""

    def __init__(self, space, instance, request):
        self.space, self.instance, self.request = space, instance, request

    def create(self, **tags):
        code = self.request.get_code_location("here")
        repository = next(iter(code.get_repositories().values()))
        job = repository.get_full_job("__ASSET_JOB")
        return _create_run(self.instance, code, repository, job, {}, tags, None, None)

    def launch(self, *, seconds=0):
        self.space.write("assets/seconds", str(seconds))
        run = self.create()
        self.instance.launch_run(run.run_id, self.request)
        return run.run_id

    def run(self, run_id):
        return self.instance.get_run_by_id(run_id)

    def ended(self, run_id):
        wait_for(lambda: self.run(run_id).is_finished, "the end of the run")
        return self.run(run_id).status.value

    def facts(self):
        wait_for((self.space.root / "run.json").exists, "the asset")
        return read_json(self.space.root / "run.json")


def test_a_run_comes_from_the_command_server_with_the_launching_process_s_environment(location, standby):
    with standby.start() as server:
        run = location.launch()

        assert location.ended(run) == "SUCCESS"
        facts = location.facts()
        assert facts["parent"] == server.pid
        assert facts["folder"] == str(location.space.root)
        assert facts["own"] == "as the daemon's"
        tags = location.run(run).tags
        assert tags[PROCESS_TAG].startswith(f"{facts['pid']}:")
        assert GRPC_INFO_TAG not in tags
        wait_for(lambda: not alive(facts["pid"]), "the end of the process")


def test_without_a_command_server_the_code_server_launches_it_and_one_is_started_for_the_next(
    location, standby
):
    run = location.launch()

    assert GRPC_INFO_TAG in location.run(run).tags
    assert location.ended(run) == "SUCCESS"
    wait_for(lambda: standby.pid, "the command server")


def test_the_code_server_launches_it_where_warm_processes_are_not_wanted(location, standby, monkeypatch):
    with standby.start() as server:
        monkeypatch.setenv("ASSETBOOK_STAY", "0")
        run = location.launch()

        assert GRPC_INFO_TAG in location.run(run).tags
        assert location.ended(run) == "SUCCESS"
        assert location.facts()["parent"] != server.pid


def test_a_run_is_terminated(location, standby):
    with standby.start():
        run = location.launch(seconds=600)
        facts = location.facts()

        assert location.instance.run_launcher.terminate(run)

        assert location.ended(run) == "CANCELED"
        wait_for(lambda: not alive(facts["pid"]), "the end of the process")
        assert not location.instance.run_launcher.terminate(run)


@pytest.mark.parametrize("victim", ["pid", "parent"])
def test_a_run_whose_process_is_killed_has_failed(location, standby, victim):
    with standby.start():
        run = location.launch(seconds=600)
        facts, launcher = location.facts(), location.instance.run_launcher
        going = location.run(run)
        assert launcher.check_run_worker_health(going).status is WorkerStatus.RUNNING

        os.kill(facts[victim], signal.SIGKILL)

        assert location.ended(run) == "FAILURE"
        assert launcher.check_run_worker_health(going).status is WorkerStatus.FAILED
        failure = location.instance.all_logs(run, of_type=dg.DagsterEventType.RUN_FAILURE)[0]
        assert "The process of this run was killed" in failure.message


def test_a_run_of_another_machine_is_not_judged(location, standby):
    run = location.create(**{HOST_TAG: "elsewhere", PROCESS_TAG: "1:1.0"})

    assert location.instance.run_launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING
