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
from contextlib import suppress
from hashlib import sha256

from assetbook.errors import WorkspaceError

STAY = "ASSETBOOK_STAY"  # seconds that a server stays when nobody is connected to it
DEFAULT_STAY = 600.0
_CREDENTIALS = struct.Struct("3i")  # process, user, group
_BACKLOG = 128


def address(kind: str, *origin: object) -> str:
    """Return the address of the server of this user that was started from `origin`.

    Args:
        kind: what it does.
        origin: everything that it depends on, of types whose `repr` says it all.
    """
    digest = sha256(repr(origin).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"\0assetbook-{os.getuid()}-{kind}-{digest}"


def connect(place: str) -> socket.socket | None:
    """Return a connection to the server at an address, or None if this user has none there."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with suppress(OSError):
        line.connect(place)
        if is_own(line):
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


def is_own(line: socket.socket) -> bool:
    """Tell whether a process of this user is at the other end of a connection."""
    facts = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(facts)[1] == os.getuid())


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
