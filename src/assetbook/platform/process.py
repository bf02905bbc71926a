"""Telling one process from all others, also after it has ended and its number is another's."""

from __future__ import annotations

import platform

import psutil

CLOCK_STEP = 60.0  # seconds that the clock may have been set by since a process began


def this_process() -> str:
    """Return what names this process: its machine, its number, and when it began (Unix time)."""
    process = psutil.Process()
    return f"{platform.node()}/{process.pid}/{process.create_time():.0f}"


def is_gone(process: str) -> bool:
    """Whether a process, as `this_process` names it, has ended. Of another machine nobody can tell."""
    machine, _, rest = process.partition("/")
    pid, _, began = rest.partition("/")
    if machine != platform.node() or not pid:
        return False
    try:
        return bool(abs(psutil.Process(int(pid)).create_time() - float(began)) > CLOCK_STEP)
    except psutil.NoSuchProcess:
        return True
