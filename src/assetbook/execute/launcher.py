"""The program of a fresh kernel: ipykernel's own, but for its end, which an interpreter takes half a second for.

As a program it imports nothing of this package, so that a kernel has only what ipykernel's own would have.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from importlib.util import find_spec
from itertools import takewhile
from types import ModuleType
from typing import NoReturn

_INSTALLED = (
    f"{os.sep}site-packages{os.sep}",
    f"{os.sep}dist-packages{os.sep}",
    os.path.dirname(os.__file__),  # noqa: PTH120
)


def leave(inherited: frozenset[str]) -> NoReturn:
    """End the process with the exit handlers, and with whatever is done where an object is deleted.

    IPython's exit handler clears the notebook's variables; here go those of its own modules, so that a file that
    they hold open is closed. Installed libraries are not taken apart: that is what takes its time, and what they
    have to do at the end they have registered.

    Args:
        inherited: names of the modules that were imported before the notebook began.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does
    atexit._run_exitfuncs()
    # new ones stand at the end; to look at the others would have a forked process copy them
    new = [*takewhile(lambda name: name not in inherited, reversed(sys.modules))]
    own = [module for name in new if _is_own(module := sys.modules[name])]
    for module in own:
        vars(module).clear()
    if own:
        gc.collect()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def become_launcher(arguments: list[str]) -> None:
    """Look like ``python -m ipykernel_launcher`` with these arguments."""
    found = find_spec("ipykernel_launcher")
    sys.argv[:] = [str(found.origin) if found else "ipykernel_launcher", *arguments]
    sys.orig_argv[:] = [sys.executable, "-m", "ipykernel_launcher", *arguments]


def _is_own(module: object) -> bool:
    """Whether a module is the notebook's own, and not of an installed library; some put other objects there."""
    path = getattr(module, "__file__", None) or ""
    return isinstance(module, ModuleType) and bool(path) and not any(part in path for part in _INSTALLED)


def main() -> None:
    """Run the kernel."""
    if os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):  # noqa: PTH100, PTH120
        del sys.path[0]  # this folder has modules with names of others
    become_launcher(sys.argv[1:])
    from ipykernel.kernelapp import IPKernelApp

    application = IPKernelApp.instance()
    application.initialize()
    inherited = frozenset(sys.modules)
    application.start()
    leave(inherited)


if __name__ == "__main__":
    main()
