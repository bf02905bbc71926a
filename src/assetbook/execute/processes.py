"""The processes of a kernel: itself and all that its notebook started, wherever they have gone.

A child is found through the process tree, through the kernel's session, and, when it has left both
(``setsid``, double fork), through the environment that it inherited. What a warm kernel leaves is ended by the
fork server too, whatever its environment: see `assetbook.execute.warm.serving`.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

_PROC = Path("/proc")
_ROUNDS = 300  # a process may start another one while it is being ended
_PAUSE = 0.01  # seconds for the dead to go
_GONE = (psutil.NoSuchProcess, psutil.AccessDenied)


def tree(pid: int) -> list[psutil.Process]:
    """Return the process and its descendants, or nothing when it has ended."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except _GONE:
        return []


def resident(processes: list[psutil.Process], *, shared_once: bool = False) -> int:
    """Return the resident memory of the processes together, in bytes.

    Args:
        processes: those to measure; one that has ended counts nothing.
        shared_once: divide what forked processes share between them (Linux; some milliseconds each) instead
            of counting it for each of them.
    """
    total = 0
    for process in processes:
        with contextlib.suppress(*_GONE):
            info = process.memory_full_info() if shared_once else process.memory_info()
            total += getattr(info, "pss", info.rss) if shared_once else info.rss
    return total


def high_water(pid: int) -> int:
    """Return the highest resident memory that the process has ever had, in bytes; 0 where it cannot be told."""
    return _kilobytes(pid, "status", "VmHWM:") * 1024


def inherited(pid: int) -> int:
    """Return the memory that a forked process shares with the one that it comes from, in bytes.

    Nothing for a program that was started as itself, and where it cannot be told.
    """
    return _kilobytes(pid, "smaps_rollup", "Shared_Dirty:") * 1024


def _kilobytes(pid: int, file: str, name: str) -> int:
    try:
        text = (_PROC / str(pid) / file).read_text("ascii", "replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(name)), 0)


def end(known: list[psutil.Process], *, session: int, mark: str) -> None:
    """Kill every process of a notebook.

    Args:
        known: those already seen.
        session: the session that the kernel led; its id is the kernel's.
        mark: ``NAME=value``, a variable of the kernel's environment that no other process has.
    """
    known = list(known)
    for _ in range(_ROUNDS):
        alive = {p.pid: p for p in [*known, *_members(session, mark)] if _is_alive(p)}
        if not alive:
            return
        for process in alive.values():
            with contextlib.suppress(*_GONE):
                known.extend(process.children(recursive=True))
                process.kill()
        time.sleep(_PAUSE)


def _members(session: int, mark: str) -> Iterator[psutil.Process]:
    own = os.getpid()
    for pid in psutil.pids():
        if pid != own and (_session(pid) == session or _has_mark(pid, mark)):
            with contextlib.suppress(*_GONE):
                yield psutil.Process(pid)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (OSError, AttributeError):  # it has ended; there are no sessions on Windows
        return None


def _has_mark(pid: int, mark: str) -> bool:
    try:
        return mark.encode() in (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is another user's; there is no /proc on macOS
        return False


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except _GONE:
        return False
