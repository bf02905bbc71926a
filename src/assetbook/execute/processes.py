"""The processes of a kernel: itself and all that its notebook started, wherever they have gone.

A child is found through the process tree, through the kernel's session, and, when it has left both
(``setsid``, double fork), through the environment that it inherited. What a warm kernel leaves is ended by the
fork server, whatever its environment: see `assetbook.execute.warm.serving`.

As a program, with arguments as `guarded` gives them, it waits for the end of its parent and then ends such
processes. It imports nothing of this package, so as to start quickly: it does with each fresh kernel.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import sys
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


def footprint(pid: int) -> tuple[int, int]:
    """Return the resident memory of the process, now and at its highest ever, in bytes.

    Where the system keeps no mark of the highest, that is now; after the end of the process both are 0.
    """
    found = _kilobytes(pid, "status", "VmRSS:", "VmHWM:")
    if not found:
        now = resident(tree(pid)[:1])
        return now, now
    return found[0] * 1024, found[1] * 1024


def inherited(pid: int) -> int:
    """Return the memory that a forked process shares with the one that it comes from, in bytes.

    Nothing for a program that was started as itself, and where it cannot be told.
    """
    return sum(_kilobytes(pid, "smaps_rollup", "Shared_Dirty:")) * 1024


def _kilobytes(pid: int, file: str, *names: str) -> list[int]:
    try:
        lines = (_PROC / str(pid) / file).read_text("ascii", "replace").splitlines()
    except OSError:
        return []
    found = {line.split(maxsplit=1)[0]: line for line in lines if line.startswith(names)}
    return [int(found[name].split()[1]) for name in names if name in found]


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


@contextlib.contextmanager
def guarded(session: int, *, mark: str, private: Path | None) -> Iterator[None]:
    """Have the processes of a notebook ended if this one is killed within the block (on Linux).

    A kernel notices by itself that it is alone; what its notebook has started does not.

    Args:
        session: as for `end`.
        mark: likewise.
        private: a folder to remove then.

    Raises:
        OSError: no process can be started for it.
    """
    if sys.platform != "linux":
        yield
        return
    guard = subprocess.Popen(
        [sys.executable, "-I", __file__, str(os.getpid()), str(session), mark, str(private or "")],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        guard.kill()
        guard.wait()


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


def _guard(parent: int, session: int, mark: str, private: str) -> None:
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(parent)
        if os.getppid() == parent:  # else it has ended, and its number is another one's by now
            select.select([descriptor], [], [])
    end(tree(session), session=session, mark=mark)
    shutil.rmtree(private, ignore_errors=True)


if __name__ == "__main__":
    _guard(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
