"""The channel from a notebook's kernel to the platform: a file of JSON lines, appended and followed.

A file needs no port, survives a killed kernel, and is there to read afterwards. One event is one line,
written with one system call, so that several processes of a notebook may report.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]


def append(path: str | Path, event: Mapping[str, Any]) -> None:
    """Append one event to the file; it is visible to a reader when this returns.

    Values that JSON does not know (dates, decimals, NumPy scalars) are written as their natural JSON value
    or as text.
    """
    line = json.dumps(event, default=_natural) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        remaining = memoryview(line.encode("utf-8"))
        while remaining:  # one write, unless the disk takes only a part
            remaining = remaining[os.write(descriptor, remaining) :]
    finally:
        os.close(descriptor)


class EventReader:
    """Follows an event file; gives every complete line once."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._position = 0

    def poll(self) -> list[Event]:
        """Return the events since the last call; a line that is still being written waits for the next.

        A file that does not exist yet has no events.
        """
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                unread = file.read()
        except FileNotFoundError:
            return []
        complete = unread[: unread.rfind(b"\n") + 1]
        self._position += len(complete)
        return [json.loads(line) for line in complete.split(b"\n") if line.strip()]


def _natural(value: object) -> object:
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a NumPy scalar
        return value.item()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)
