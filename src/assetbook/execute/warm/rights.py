"""What a process has from the one that starts it, besides variables and files: rights, limits, signals, its place.

A warm kernel must have what the process has that runs its notebook, and not what the process had that happened
to start the fork server. What is free to change the kernel takes on; the rest is in the fork server's address.
"""

from __future__ import annotations

import os
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/thread-self/status")  # a new process has all this from the thread that starts it
_FIXED = (
    *("Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:"),
    *("Seccomp:", "Seccomp_filters:", "Cpus_allowed:", "Mems_allowed:"),
)
_FILES = (Path("/proc/self/cgroup"), Path("/proc/self/oom_score_adj"))
_SPACES = Path("/proc/self/ns")
_LIMITS = sorted({getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")})
_KEPT_SIGNALS = frozenset(  # nobody can change the first two; Python and ipykernel set the others themselves
    {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT}
)


def fixed() -> tuple[object, ...]:
    """Return what a process cannot take on, or has worked with since its start."""
    status = [line for line in _STATUS.read_text("ascii", "replace").splitlines() if line.startswith(_FIXED)]
    root = os.stat("/")  # noqa: PTH116 - with each kernel's start
    return (
        status,
        [_read(path) for path in _FILES],
        sorted((entry.name, entry.stat().st_ino) for entry in os.scandir(_SPACES)),
        (root.st_dev, root.st_ino),
        [resource.getrlimit(limit)[1] for limit in _LIMITS],
        resource.getrlimit(resource.RLIMIT_STACK)[0],  # threads have theirs by what it was at the start
        os.getpriority(os.PRIO_PROCESS, 0),
        os.sched_getscheduler(0),
    )


def free() -> dict[str, Any]:
    """Return what a process can take on: see `take_on`."""
    facts = dict(line.split(":", 1) for line in _STATUS.read_text("ascii", "replace").splitlines())
    return {
        "umask": int(facts["Umask"], 8),
        "limits": {limit: resource.getrlimit(limit)[0] for limit in _LIMITS},
        "ignored": _signals(facts["SigIgn"]),
        "blocked": _signals(facts["SigBlk"]),
    }


def take_on(rights: dict[str, Any]) -> None:
    """Take on what `free` has returned in another process, after it was JSON."""
    os.umask(rights["umask"])
    for limit, value in rights["limits"].items():
        hard = resource.getrlimit(int(limit))[1]
        resource.setrlimit(int(limit), (value, hard))
    for number in signal.valid_signals() - _KEPT_SIGNALS:
        if number in rights["ignored"]:
            signal.signal(number, signal.SIG_IGN)
        elif signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, rights["blocked"])


def _read(path: Path) -> str:
    with suppress(FileNotFoundError):  # a system that was built without it
        return path.read_text("utf-8", "replace")
    return ""


def _signals(mask: str) -> list[int]:
    bits = int(mask, 16)
    return [number for number in signal.valid_signals() if bits >> (number - 1) & 1]
