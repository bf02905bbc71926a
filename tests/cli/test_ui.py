from __future__ import annotations

import signal
import socket
import urllib.error
import urllib.request

import psutil

from tests.cli.conftest import start

PATIENCE = 120


def test_a_port_in_use_is_said_at_once(workspace, cli):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        answer = cli("ui", "--port", str(port))

    assert answer.code == 2
    assert f"Port {port} on 127.0.0.1 cannot be used" in answer.err
    assert "assetbook ui --port" in answer.err


def test_the_ui_serves_and_sigterm_ends_it_also_in_the_background_of_a_script(workspace):
    workspace.write(
        "workspace.yaml",
        "load_from:\n  - python_file:\n      relative_path: definitions.py\n      location_name: space\n",
    )
    workspace.write(
        "definitions.py",
        "from pathlib import Path\nfrom assetbook.platform import definitions\n"
        "defs = definitions(Path(__file__).parent)\n",
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what a script does to what it starts with &
    process = start(workspace.root, "ui", "--port", str(port))
    signal.signal(signal.SIGINT, before)

    with process:
        shown = ""
        while f"http://127.0.0.1:{port}" not in shown:  # said as soon as it answers
            line = process.stdout.readline()
            assert line, shown
            shown += line
        assert _answers(port)
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert (workspace.root / "data" / "logs" / "dagster.log").stat().st_size
    assert not psutil.wait_procs(family, timeout=PATIENCE)[1]


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
