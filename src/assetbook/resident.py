"""Servers that processes of one user share on this machine: how they are found, and how long they stay.

Such a server listens at an abstract address, which has no file: it is free again the moment that its process
ends, however it ends, and only one process can have it. The address is made of what the server was started from,
so whoever wants another one asks another address and the old one ends when nobody has asked it for a while.

Linux only. Others may take any address; so both sides ask who the other one is.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from hashlib import sha256

from assetbook.errors import WorkspaceError

STAY = "ASSETBOOK_STAY"  # seconds that a server stays when nobody is connected to it
DEFAULT_STAY = 600.0
_CREDENTIALS = struct.Struct("3i")  # process, user, group
_BACKLOG = 128
_TRIES = 20  # another process takes the address, and is just about to listen
_PAUSE = 0.005
_READY = "-ready"


def address(kind: str, *origin: object) -> str:
    """Return the address of the server of this user that was started from `origin`.

    Args:
        kind: what it does.
        origin: everything that it depends on, of types whose `repr` says it all.
    """
    digest = sha256(repr(origin).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"\0assetbook-{os.getuid()}-{kind}-{digest}"


def packages() -> Iterator[tuple[str, int]]:
    """Give the folders that packages are installed in, and when they were last changed."""
    for path in sys.path:
        if path.endswith("-packages") and os.path.isdir(path):  # noqa: PTH112 - pathlib takes longer than all this
            yield path, os.stat(path).st_mtime_ns  # noqa: PTH116


def sources(folder: str, *, leave_out: Collection[str] = ()) -> Iterator[tuple[str, int, int]]:
    """Give the Python files below a folder, when each was last changed, and its size.

    Args:
        folder: where to look.
        leave_out: names of folders.
    """
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.endswith(".py"):
                facts = entry.stat()
                yield entry.path, facts.st_mtime_ns, facts.st_size
            elif entry.name != "__pycache__" and entry.name not in leave_out and entry.is_dir():
                yield from sources(entry.path, leave_out=leave_out)


def connect(place: str) -> socket.socket | None:
    """Return a connection to the server at an address, or None if this user has none there."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.setblocking(False)  # where more wait than it lets wait, there is none for this process
    with suppress(OSError):
        line.connect(place)
        if is_own(line):
            line.setblocking(True)
            return line
    line.close()
    return None


def listen(place: str) -> socket.socket | None:
    """Take an address; return the socket that listens there, or None if somebody has it.

    It can be handed to the server's process while that is starting: who connects waits meanwhile.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        listener.bind(place)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        return None
    return listener


def reach(place: str) -> tuple[socket.socket | None, socket.socket | None]:
    """Return a connection to the server at an address; where there is none, with the socket to start it with.

    Who gets a listening socket has to start the server, or to close it; the connection is the first that the
    server will accept. Somebody else has the address if there is no connection either.
    """
    for _ in range(_TRIES):
        if line := connect(place):
            return line, None
        if listener := listen(place):
            return connect(place), listener
        time.sleep(_PAUSE)
    return None, None


def announce(listener: socket.socket) -> socket.socket:
    """Let others know that the server that listens there is ready, for as long as the returned socket is open.

    Raises:
        OSError: somebody else says so.
    """
    sign = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        sign.bind(listener.getsockname() + _READY.encode())
    except OSError:
        sign.close()
        raise
    return sign


def is_announced(place: str) -> bool:
    """Tell whether the server at an address has said that it is ready."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as look, suppress(OSError):
        look.connect(place + _READY)
        return True
    return False


def is_own(line: socket.socket) -> bool:
    """Tell whether a process of this user is at the other end of a connection."""
    return _peer(line)[1] == os.getuid()


def client(line: socket.socket) -> int:
    """Return a descriptor of the process that has made a connection; it becomes readable when that ends.

    Raises:
        OSError: it has ended, or is another user's.
    """
    process, user = _peer(line)
    if user != os.getuid():
        raise PermissionError(f"a process of user {user} asks")
    return os.pidfd_open(process)


def _peer(line: socket.socket) -> tuple[int, int]:
    """Return process and user at the other end; as they were when it began to listen, or connected."""
    facts = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(facts)
    return process, user


def stay() -> float:
    """Return how many seconds a server that is started now stays when nobody is connected; 0 ends it at once.

    Raises:
        WorkspaceError: ``ASSETBOOK_STAY`` is no such number.
    """
    text = os.environ.get(STAY) or str(DEFAULT_STAY)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise WorkspaceError(
            f"{STAY} is {text!r}; it is the seconds that warm processes stay when nobody needs them: 600, "
            "or 0 for not at all."
        )
    return seconds
