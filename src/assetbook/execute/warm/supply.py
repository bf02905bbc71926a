"""Which kernels are warm: the one fork server that this process uses, when it starts, and when it is not used."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from assetbook import resident
from assetbook.errors import RunError
from assetbook.execute.environment import kernel_environment
from assetbook.execute.launch import Launch
from assetbook.execute.warm.forked import ForkedProcess
from assetbook.execute.warm.origin import Origin, shadowing
from assetbook.execute.warm.preload import MODULES
from assetbook.execute.warm.server import ForkServer, ForkServerError
from assetbook.execute.warm.wire import PATIENCE

SWITCH = "ASSETBOOK_KERNELS"
_LOADING = 30.0  # seconds that a kernel waits for a fork server which `warm_up` has asked for
_log = logging.getLogger(__name__)


class Supply:
    """Keeps this process's connection to the fork server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._registered = False
        self._at_stop: list[Callable[[], object]] = []
        self._reset()

    def _reset(self) -> None:
        self._server: ForkServer | None = None
        self._old: list[ForkServer] = []  # replaced ones, which have kernels of this process to look after
        self._useless: str | None = None  # a fork server at this address does not work
        self._silent = 0  # how many have not answered: they keep their addresses
        self._modules: tuple[str, ...] = MODULES
        self._awaited = False  # whether kernels wait while it imports
        self._asked = 0  # how often for a kernel

    @property
    def expects_more(self) -> bool:
        """Whether this process runs several notebooks, as far as is known."""
        return self._awaited or self._asked > 1

    def warm_up(self, folder: Path, *, modules: Iterable[str], wait: float) -> bool:
        """Start it, and wait for it; see `assetbook.execute.warm.warm_up`."""
        with self._lock:
            self._modules = tuple(dict.fromkeys([*self._modules, *modules]))
            self._awaited = True
            server = self._current(self._expected(folder), start=True)
        return server is not None and server.is_ready(patience=wait)

    def preload(self, modules: Iterable[str]) -> None:
        """Have other libraries imported besides the usual ones; see `assetbook.execute.warm.preload_also`."""
        with self._lock:
            self._modules = tuple(dict.fromkeys([*MODULES, *modules]))

    def fork(self, launch: Launch, *, start: bool) -> ForkedProcess | None:
        """Return a process for a kernel; see `assetbook.execute.warm.fork_kernel`."""
        with self._lock:
            self._asked += 1
        server = self._usable(launch.environment, launch.folder, start=start)
        if server is None:
            return None
        try:
            return server.fork(launch)
        except ForkServerError as error:
            _log.warning("Fresh kernel: the fork server of the warm ones says: %s.", error)
            with self._lock:
                if self._server is server:
                    self._silent += error.is_silent
                    self._replace(useless=error.is_lasting)
            return None

    def has(self, environment: Mapping[str, str], folder: Path) -> bool:
        """Tell whether there is a fork server; see `assetbook.execute.warm.is_ready`."""
        return self._usable(environment, folder, start=False) is not None

    def is_current(self, process: object, environment: Mapping[str, str], folder: Path) -> bool:
        """Tell whether a process is as it would be forked today; see `assetbook.execute.warm.is_current`."""
        server = self._usable(environment, folder, start=False)
        return isinstance(process, ForkedProcess) and process.server is server and not process.has_ended

    def at_stop(self, callback: Callable[[], object]) -> None:
        """Have `callback` called before this process lets go of the fork server."""
        self._at_stop.append(callback)

    def stop(self) -> None:
        """Let go of the fork server; kernels that still run have some seconds."""
        for callback in self._at_stop:
            callback()
        with self._lock:
            self._replace(useless=False)
            for server in self._old:
                server.join()
            self._reset()

    def abandon(self) -> None:
        """Start anew in a process that was forked from this one, which keeps its fork server."""
        for server in [self._server, *self._old]:
            if server:
                server.abandon()
        self._lock = threading.Lock()  # another thread of that process may have held it
        self._reset()

    def _usable(self, environment: Mapping[str, str], folder: Path, *, start: bool) -> ForkServer | None:
        """Return the fork server for a kernel, if a kernel of it is what a fresh one would be."""
        server = self._server_for(environment, folder, start=start)
        if server and (found := shadowing(folder, server.modules or frozenset())):
            _log.info("Fresh kernel: %s in %s goes before what a warm one has imported.", found, folder)
            return None
        return server

    def _server_for(self, environment: Mapping[str, str], folder: Path, *, start: bool) -> ForkServer | None:
        """Return the fork server for a kernel with these variables, if it is ready or worth waiting for."""
        with self._lock:
            origin = Origin.of(environment, folder=folder, modules=self._modules)
            if not origin.is_like(kernel_environment(folder), folder=folder):  # the job sets some of its own
                return None
            server = self._current(origin, start=start or self.expects_more)
            patience = _LOADING if self._awaited else 0.0
        return server if server and server.is_ready(patience=patience) else None

    def _current(self, origin: Origin, *, start: bool) -> ForkServer | None:
        """Return the fork server if it is of this origin and lives; else another one, started if wanted."""
        self._check()
        address = self._address(origin)
        if self._server and self._server.address != address:
            self._replace(useless=False)
        self._bury()
        if self._server is None and address != self._useless:
            self._server = self._reach(address, origin, start=start)
        return self._server

    def _check(self) -> None:
        """Let go of the fork server if it has ended, or has not been ready for long."""
        server = self._server
        if server is None:
            return
        if not server.is_alive:
            # one that did not greet this process had just ended for want of clients, if others had started it
            if server.is_own or server.modules is not None:
                _log.warning("The fork server of the warm kernels has ended. %s", server.log)
            self._replace(useless=server.is_own and server.modules is None)
        elif server.modules is None and server.age > _LOADING:
            _log.warning("The fork server of the warm kernels does not become ready. %s", server.log)
            self._silent += 1
            self._replace(useless=False)

    def _reach(self, address: str, origin: Origin, *, start: bool) -> ForkServer | None:
        """Connect to the fork server at an address, if there is one or it is to be started."""
        if not self._registered:
            atexit.register(self.stop)
            os.register_at_fork(after_in_child=self.abandon)
            self._registered = True
        try:
            server = ForkServer.at(address, origin, start=start)
        except OSError as error:
            self._useless = address
            _log.warning("Fresh kernels: the fork server of warm ones cannot be started: %s.", error)
            return None
        if server and resident.is_announced(address):
            server.is_ready(patience=PATIENCE)
        return server

    def _address(self, origin: Origin) -> str:
        from assetbook.execute.warm import rights  # for Linux only

        return resident.address("kernels", origin, rights.fixed(), self._silent)

    def _replace(self, *, useless: bool) -> None:
        """Use the fork server no more; kernels of this process run on."""
        if self._server:
            self._useless = self._server.address if useless else self._useless
            self._server.close()
            self._old.append(self._server)
            self._server = None

    def _bury(self) -> None:
        for old in [server for server in self._old if not server.is_alive]:
            old.join()
            self._old.remove(old)

    def _expected(self, folder: Path) -> Origin:
        """Return the origin of a kernel whose job sets no variables of its own."""
        return Origin.of(kernel_environment(folder), folder=folder, modules=self._modules)


_SUPPLY = Supply()


def warm_up(root: Path, *, modules: Iterable[str] = (), wait: float = 0.0) -> bool:
    """Start the fork server ahead of the first notebook of this process, if there is none yet.

    Worth it where several notebooks follow, or other work that takes a second or two. Notebooks that come
    while it imports wait for it.

    Args:
        root: the workspace folder.
        modules: libraries to import besides `assetbook.execute.warm.preload.MODULES`; only such as start no
            threads when they are imported.
        wait: seconds to wait until it is ready.

    Returns:
        Whether it is ready.

    Raises:
        RunError: a wrong value of ``ASSETBOOK_KERNELS``.
        WorkspaceError: a wrong value of ``ASSETBOOK_STAY``.
    """
    return _enabled() and _SUPPLY.warm_up(root.resolve(), modules=modules, wait=wait)


def preload_also(modules: Iterable[str]) -> None:
    """Say which libraries the fork server of this process imports besides `assetbook.execute.warm.preload.MODULES`.

    Args:
        modules: only such as start no threads when they are imported; with others kernels are fresh, and say so.
    """
    _SUPPLY.preload(modules)


def fork_kernel(launch: Launch, *, start: bool = False) -> ForkedProcess | None:
    """Return a forked process that becomes a kernel; None when a fresh one has to do.

    Args:
        launch: of the kernel of this Python: its command is ``[python, "-m", "ipykernel_launcher", ...]``.
        start: if there is no fork server, start it already at the first kernel of this process.

    Raises:
        RunError: a wrong value of ``ASSETBOOK_KERNELS``.
        WorkspaceError: a wrong value of ``ASSETBOOK_STAY``.
    """
    return _SUPPLY.fork(launch, start=start) if _enabled() else None


def is_ready(*, environment: Mapping[str, str], folder: Path) -> bool:
    """Tell whether a kernel would be a warm one; where `warm_up` was called, this waits for the fork server.

    Args:
        environment: its variables.
        folder: its working folder.

    Raises:
        RunError: a wrong value of ``ASSETBOOK_KERNELS``.
        WorkspaceError: a wrong value of ``ASSETBOOK_STAY``.
    """
    return _enabled() and _SUPPLY.has(environment, folder)


def is_current(process: object, *, environment: Mapping[str, str], folder: Path) -> bool:
    """Tell whether a process is a forked one that lives, and would be forked in the same way now.

    Args:
        process: of a kernel that has not begun.
        environment: its variables, without those of a run.
        folder: its working folder.

    Raises:
        RunError: a wrong value of ``ASSETBOOK_KERNELS``.
        WorkspaceError: a wrong value of ``ASSETBOOK_STAY``.
    """
    return _enabled() and _SUPPLY.is_current(process, environment, folder)


def expects_more() -> bool:
    """Tell whether this process runs several notebooks: a second one has come, or `warm_up` was called."""
    return _SUPPLY.expects_more


def at_stop(callback: Callable[[], object]) -> None:
    """Have `callback` called before this process lets go of the fork server."""
    _SUPPLY.at_stop(callback)


def stop() -> None:
    """Let go of the fork server now; at the exit of this process this happens by itself."""
    _SUPPLY.stop()


def _enabled() -> bool:
    chosen = os.environ.get(SWITCH) or "warm"
    if chosen not in ("warm", "fresh"):
        raise RunError(f"{SWITCH} is {chosen!r}; it can be 'warm', which is the default, or 'fresh'.")
    resident.stay()  # a wrong value is said at once, and not only where a server is started
    return chosen == "warm" and sys.platform == "linux"
