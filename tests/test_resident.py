"""Addresses and connections of servers that processes share."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from assetbook import resident
from assetbook.errors import WorkspaceError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="abstract addresses are for Linux")


@pytest.fixture
def place(tmp_path: Path) -> str:
    return resident.address("tests", str(tmp_path))


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_an_address_depends_on_all_that_a_server_was_started_from() -> None:
    places = {
        *(resident.address(kind, "a", ("b", 1)) for kind in ("kernels", "commands")),
        *(resident.address("kernels", *origin) for origin in [("a", ("b", 2)), ("a", "b", 1), ("\udcff",)]),
    }
    assert len(places) == 5
    assert resident.address("kernels", "a", ("b", 1)) in places
    assert all(place.startswith(f"\0assetbook-{os.getuid()}-") and len(place) < 108 for place in places)


def test_only_one_has_an_address_and_it_is_free_when_that_one_ends(place: str) -> None:
    assert resident.connect(place) is None
    listener = resident.listen(place)
    assert listener
    assert resident.listen(place) is None
    listener.close()
    again = resident.listen(place)
    assert again
    again.close()


def test_the_first_who_wants_a_server_is_to_start_it(place: str, held: ExitStack) -> None:
    line, listener = resident.reach(place)
    assert line
    assert listener
    other, nothing = resident.reach(place)
    assert other
    assert nothing is None
    for mine in (line, other):
        theirs = held.enter_context(listener.accept()[0])
        held.enter_context(mine).sendall(b"hello")
        assert theirs.recv(10) == b"hello"
        assert resident.is_own(mine)
        assert resident.is_own(theirs)
    held.enter_context(listener)


def test_a_server_says_when_it_is_ready(place: str, held: ExitStack) -> None:
    listener = resident.listen(place)
    assert listener
    held.enter_context(listener)
    assert not resident.is_announced(place)
    with resident.announce(listener):
        assert resident.is_announced(place)
        with pytest.raises(OSError, match="in use"):
            resident.announce(listener)
    assert not resident.is_announced(place)


def test_who_waits_when_a_server_ends_hears_of_it(place: str) -> None:
    line, listener = resident.reach(place)
    assert line
    assert listener
    listener.close()
    with line, pytest.raises(ConnectionResetError):
        line.recv(10)


def test_a_server_that_accepts_nobody_holds_nobody_up(
    place: str, held: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resident, "_BACKLOG", 1)
    listener = resident.listen(place)
    assert listener
    held.enter_context(listener)
    lines = [resident.connect(place) for _ in range(4)]
    assert lines[0]
    assert lines[-1] is None
    assert resident.reach(place) == (None, None)
    for line in filter(None, lines):
        line.close()


def test_the_end_of_a_client_is_seen_also_where_a_copy_of_it_holds_its_line(
    place: str, held: ExitStack
) -> None:
    listener = resident.listen(place)
    assert listener
    held.enter_context(listener)
    script = (
        "import os, sys\nfrom assetbook import resident\n"
        f"line = resident.connect({place!r})\n"
        "if os.fork() == 0:\n    sys.stdin.read()\n    os._exit(0)\n"
        "os._exit(0)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as process:
        line = held.enter_context(listener.accept()[0])
        descriptor = resident.client(line)
        held.callback(os.close, descriptor)
        assert select.select([descriptor], [], [], 20)[0]
        assert not select.select([line], [], [], 0)[0]
        assert process.stdin
        process.stdin.close()
        assert select.select([line], [], [], 20)[0]


@pytest.mark.parametrize(("text", "seconds"), [(None, 600), ("", 600), ("0", 0), ("2.5", 2.5)])
def test_how_long_a_server_stays(monkeypatch: pytest.MonkeyPatch, text: str | None, seconds: float) -> None:
    monkeypatch.delenv("ASSETBOOK_STAY")
    if text is not None:
        monkeypatch.setenv("ASSETBOOK_STAY", text)
    assert resident.stay() == seconds


@pytest.mark.parametrize("text", ["-1", "for ever", "inf", "nan"])
def test_a_wrong_stay_is_said(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ASSETBOOK_STAY", text)
    with pytest.raises(WorkspaceError, match=f"ASSETBOOK_STAY is '{text}'; it is the seconds"):
        resident.stay()


def test_another_users_process_is_not_answered(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    listener = resident.listen(place)
    assert listener
    with listener:
        monkeypatch.setattr(os, "getuid", lambda: 12_345)
        assert resident.connect(place) is None
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.connect(place)
        theirs, _ = listener.accept()
        with line, theirs, pytest.raises(PermissionError, match="a process of user"):
            resident.client(theirs)
