"""The threads of a process that is copied by a fork: what one of them holds then stays locked in the copy for ever."""

from __future__ import annotations

import os


def threads() -> list[str]:
    """Return the names of this process's threads, those of libraries too (on Linux)."""
    tasks = "/proc/self/task"
    names = []
    for task in os.listdir(tasks):  # noqa: PTH208 - no Path for each fork
        with open(f"{tasks}/{task}/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            names.append(file.read().strip())
    return names


def end_idle_threads() -> None:
    """Let OpenBLAS end the threads that wait for work: it does so at a fork, and starts them when needed."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
