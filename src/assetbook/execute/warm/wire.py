"""What client, fork server and kernel say to each other.

A client connects, and hears once, when the fork server has imported everything, what that is. To ask for a kernel,
it names the folder that has to go with it, if there is one, and passes four descriptors:

- a file in memory with the `Order`, which only the forked process reads;
- the file that takes what the kernel prints outside its cells;
- one end of a socket pair, over which the forked process says its process id and the fork server how it ended;
  the client's end of file ends the kernel;
- one end of another, the gate, where the forked process, when it is ready, waits to hear for what run it is.
"""

from __future__ import annotations

import json
import os
import select
import socket
from dataclasses import asdict, dataclass
from typing import IO, Any

PATIENCE = 5.0  # seconds for a fork, which takes hundredths of one, and for the end
DESCRIPTORS = 4
REQUEST_SIZE = 10_000  # bytes; the longest path has 4,096


@dataclass(frozen=True)
class Order:
    """What a forked process needs to become a kernel.

    Attributes:
        arguments: of the command that starts a fresh one.
        environment: all its variables, those of its run perhaps not yet.
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


def readable(source: socket.socket | int, timeout: float) -> bool:
    """Wait until something can be read, or the other side has gone; tell whether that is so."""
    poll = select.poll()
    poll.register(source, select.POLLIN)
    return bool(poll.poll(timeout * 1000))
