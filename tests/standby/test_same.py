"""A command from the server cannot be told from one started by itself."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess

import pytest

from tests.standby.conftest import COMMAND, PATIENCE, fresh, read_json

STATE = """
import json, locale, logging, multiprocessing, os, random, resource, signal, sys, threading, warnings
from pathlib import Path

def stream(s):
    return [s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.write_through, s.isatty(), s.buffer.seekable()]

main = sys.modules["__main__"]
Path("state.json").write_text(json.dumps({
    "argv": sys.argv, "original": sys.orig_argv, "path": sys.path, "flags": list(sys.flags),
    "environment": dict(os.environ), "folder": os.getcwd(), "umask": os.umask(0o22),
    "streams": [stream(s) for s in (sys.stdin, sys.stdout, sys.stderr)],
    "own streams": [stream(s) for s in (sys.__stdin__, sys.__stdout__, sys.__stderr__)],
    "main": [main.__file__, main.__package__, main.__spec__ and main.__spec__.name],
    "signals": {n: str(signal.getsignal(n)) for n in signal.valid_signals()},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "limits": [resource.getrlimit(n) for n in range(16)], "nice": os.nice(0),
    "rights": [os.getresuid(), os.getresgid(), os.getgroups()], "locale": locale.setlocale(locale.LC_ALL),
    "warnings": sorted({str(f) for f in warnings.filters}),
    "handlers": [str(h) for h in logging.getLogger().handlers], "level": logging.getLogger().level,
    "main thread": threading.current_thread() is threading.main_thread(), "gc": __import__("gc").isenabled(),
    "started": multiprocessing.get_start_method(allow_none=True), "input": sys.stdin.read(),
    "descriptors": sorted(os.readlink(f"/proc/self/fd/{n}").split(":")[0] for n in range(3)),
}))
Path("who.json").write_text(json.dumps([os.getpid(), os.getppid(), random.random(),
    float(__import__("numpy").random.random()), list(multiprocessing.current_process().authkey)]))
"""

SET_BY_LIBRARIES = {"PYARROW_IGNORE_TIMEZONE", "SPARK_LOCAL_IP"}  # by pandera, while it is imported


@pytest.fixture
def filled(workspace):
    """A workspace with an asset, a notebook, and a notebook that fails."""
    workspace.write(
        "assets/cities.py",
        '''
        """Cities."""
        import assetbook as ab
        import pandas as pd


        @ab.table
        def cities():
            """Cities."""
            return pd.DataFrame({"name": ["Ålesund", "Bergen"], "people": [1, 2]})
        ''',
    )
    workspace.notebook("bad", ["import assetbook as ab\\nab.load('cities')", "1 / 0"])
    return workspace


def told(answer):
    """Return what a command said, without times and what is named by them."""
    times = (
        rb"\d+\.\d s|\"seconds\": [\d.]+|\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?|\d+\.\d\b|since \d\d:\d\d|"
        rb"\d{8}T[\d.]+-\w+"
    )
    return answer.returncode, re.sub(times, b"T", answer.stdout), re.sub(times, b"T", answer.stderr)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("ls", 0),
        ("ls --json", 0),
        ("ls nothing", 2),
        ("show cities", 0),
        ("show citys", 2),
        ("sql 'select * from cities' --format csv", 0),
        ("sql 'select name, people from cities'", 0),
        ("sql 'select * from nowhere'", 2),
        ("run cities", 0),
        ("run cities --force", 0),
        ("run cities --json", 0),
        ("run --param cities.x=1", 2),
        ("run bad", 1),
        ("run --wrong-option", 2),
        ("run --help", 0),
    ],
)
def test_same_output_and_exit_code(filled, served, call, command, code):
    call("run", "cities", env=fresh(served.environment))

    alone = call(*shlex.split(command), env=fresh(served.environment))
    answer = call(*shlex.split(command), env=served.environment)

    assert told(answer) == told(alone)
    assert answer.returncode == code


def test_same_process_to_its_code(filled, served, call):
    filled.write("assets/state.py", STATE)
    options = {"input": b"typed\n", "stdin": None, "umask": 0o27}
    variables = {**served.environment, "OWN": "ä\udcff", "COLUMNS": "70", "LINES": "20"}

    call("ls", env=fresh(variables), **options)
    alone, one = read_json(filled.root / "state.json"), read_json(filled.root / "who.json")
    call("ls", env=variables, **options)
    state, two = read_json(filled.root / "state.json"), read_json(filled.root / "who.json")
    call("ls", env=variables, **options)
    three = read_json(filled.root / "who.json")

    for found in (alone, state):
        del found["environment"]["ASSETBOOK_STAY"]
    # libraries that this command does not need have added filters for warnings, and variables, of their own
    assert {*alone.pop("warnings")} <= {*state.pop("warnings")}
    assert alone["environment"].items() <= state["environment"].items()
    assert state.pop("environment").keys() - alone.pop("environment").keys() <= SET_BY_LIBRARIES
    assert state == alone
    assert one[1] == os.getpid()
    assert two[1] == three[1] == served.pid
    for first, second in zip(two[2:], three[2:], strict=True):
        assert first != second


def test_a_background_job_that_ignores_signals_goes_on_ignoring_them(filled, served, call):
    filled.write("assets/state.py", STATE)
    numbers = (signal.SIGINT, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        call("ls", env=fresh(served.environment))
        alone = read_json(filled.root / "state.json")
        call("ls", env=served.environment)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

    state = read_json(filled.root / "state.json")
    assert state["signals"] == alone["signals"]
    assert state["signals"][str(int(signal.SIGINT))] == str(int(signal.SIG_IGN))


@pytest.mark.parametrize("where", ["nobody reads", "full", "closed"])
def test_output_that_cannot_be_written(filled, served, where):
    command = " ".join([*COMMAND, "ls"])
    shell = {"nobody reads": f"{command} >&3", "full": f"{command} >/dev/full", "closed": f"{command} >&-"}
    found = []
    for variables in (fresh(served.environment), served.environment):
        reader, writer = os.pipe()
        os.close(reader)
        answer = subprocess.run(
            ["bash", "-c", f"exec 3>&{writer}; {shell[where]}"],
            cwd=filled.root,
            env=variables,
            capture_output=True,
            timeout=PATIENCE,
            pass_fds=[writer],
        )
        os.close(writer)
        lines = answer.stderr.splitlines()
        found.append((answer.returncode, answer.stdout, lines[-1:], len(lines) > 2))
    assert found[1] == found[0]


@pytest.mark.parametrize("how", ["signal", "exit", "error", "text"])
def test_ends_as_its_code_ends(filled, served, call, how):
    ends = {
        "signal": "import os; os.kill(os.getpid(), 9)",
        "exit": "import os; os._exit(7)",
        "error": "raise KeyboardInterrupt",
        "text": "import sys; sys.exit('a last word')",
    }
    filled.write("assets/end.py", ends[how])

    alone = call("ls", env=fresh(served.environment))
    answer = call("ls", env=served.environment)

    assert told(answer) == told(alone)
    assert alone.returncode == {"signal": -9, "exit": 7, "error": 130}.get(how, alone.returncode)


def test_names_are_completed(filled, served, call):
    call("ls", env=served.environment)
    variables = {"_ASSETBOOK_COMPLETE": "bash_complete", "COMP_WORDS": "assetbook run ci", "COMP_CWORD": "2"}

    answer = call(env={**served.environment, **variables})

    assert answer.stdout.split() == [b"plain,cities"]


def test_output_in_a_terminal_is_as_wide_and_colourful(filled, served):
    shown = []
    for variables in (fresh(served.environment), served.environment):
        shown.append(in_terminal(["ls"], filled.root, variables, columns=60))
    assert shown[1] == shown[0]
    assert "\x1b[1m" in shown[0]


def in_terminal(arguments, folder, variables, *, columns):
    import fcntl
    import struct
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, env=variables, stdin=theirs, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
    os.close(ours)
    return shown.decode()


def _read(descriptor):
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # nobody has the terminal any more
        return b""
