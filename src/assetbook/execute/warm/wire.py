"""What client, fork server and kernel say to each other.

To ask for a kernel, the client passes three descriptors to the fork server: a file in memory with the `Order`,
which only the forked process reads; the file that takes what the kernel prints outside its cells; and one end
of a socket pair, over which the forked process says its process id and the fork server how it ended. The
client's end of file ends the kernel.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from typing import IO, Any

DESCRIPTORS = 3


@dataclass(frozen=True)
class Order:
    """What a forked process needs to become a kernel.

    Attributes:
        arguments: of the command that starts a fresh one.
        environment: all its variables.
        folder: its working folder.
        search: the folders of its ``PYTHONPATH``.
    """

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    search: list[str]

    def write(self) -> IO[bytes]:
        """Return it as a file in memory."""
        file = os.fdopen(os.memfd_create("order"), "w+b")
        file.write(json.dumps(asdict(self)).encode())
        file.seek(0)
        return file

    @classmethod
    def read(cls, descriptor: int) -> Order:
        """Read and close such a file."""
        with os.fdopen(descriptor, "rb") as file:
            return cls(**json.load(file))


class Lines:
    """The messages of a stream; its time-out counts for each piece."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._rest = b""

    @property
    def is_waiting(self) -> bool:
        """Whether the next message is here already."""
        return b"\n" in self._rest

    def next(self) -> dict[str, Any]:
        """Return the next message.

        Raises:
            EOFError: the other side has gone.
            TimeoutError: it says nothing.
        """
        while not self.is_waiting:
            try:
                piece = self._stream.recv(65_536)
            except ConnectionError:
                piece = b""
            if not piece:
                raise EOFError("the other side has gone")
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message


def say(stream: socket.socket, **message: Any) -> None:
    """Send one message."""
    stream.sendall(json.dumps(message).encode() + b"\n")
