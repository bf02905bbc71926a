"""The Dagster instance of a workspace: where it is, and runs in it whose process is gone."""

from __future__ import annotations

import getpass
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import dagster as dg
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from filelock import FileLock

from assetbook.errors import WorkspaceError
from assetbook.settings import Settings

HOST_TAG = "assetbook/host"
PROCESS_TAG = "assetbook/process"
CONFIG = """\
telemetry:
  enabled: false
nux:
  enabled: false
run_retries:
  enabled: true
  retry_on_asset_or_op_failure: false
run_coordinator:
  module: dagster._core.run_coordinator.queued_run_coordinator
  class: QueuedRunCoordinator
  config:
    dequeue_interval_seconds: 1
run_launcher:
  module: assetbook.platform.launcher
  class: WarmRunLauncher
"""


def open_instance(settings: Settings) -> DagsterInstance:
    """Return the workspace's Dagster instance, making its home on first use.

    ``DAGSTER_HOME`` goes before the workspace's own; a relative one is below the workspace, as every path in
    its settings is. A ``dagster.yaml`` that is there is left as it is.

    Raises:
        WorkspaceError: the home cannot be made or written, or what is in it cannot be opened.
    """
    home = dagster_home(settings)
    try:
        home.mkdir(parents=True, exist_ok=True)
        config = home / "dagster.yaml"
        if not config.exists():
            config.write_text(CONFIG, "utf-8")
    except OSError as error:
        raise WorkspaceError(
            f"Dagster's home {home} cannot be used: {error.strerror}. Mend the path or the rights, or set "
            "DAGSTER_HOME or ASSETBOOK_DATA to another folder."
        ) from error
    os.environ["DAGSTER_HOME"] = str(home)
    from assetbook.platform import storages

    storages.keep()
    try:
        with FileLock(home / ".assetbook.lock"):  # two that make its databases at once break them for good
            return DagsterInstance.get()
    except (
        Exception
    ) as error:  # of the configuration, of SQLAlchemy, of alembic, of a storage of the user's own
        reason = str(error).strip().partition("\n")[0]
        raise WorkspaceError(
            f"Dagster's instance in {home} cannot be opened: {type(error).__name__}: {reason}. Mend its "
            "dagster.yaml, its databases or the rights, or set DAGSTER_HOME to another folder."
        ) from error


def dagster_home(settings: Settings) -> Path:
    """Return the absolute path of Dagster's home."""
    return (settings.root / settings.dagster_home.expanduser()).resolve()


def process_tags(number: int | None = None) -> dict[str, str]:
    """Return the tags that say which process executes a run: this one, or the one of that number."""
    number = number or os.getpid()
    return {HOST_TAG: socket.gethostname(), PROCESS_TAG: f"{number}:{_started(number)}"}


def is_alive(run: DagsterRun) -> bool | None:
    """Tell whether the process that executes a run still runs; None if it is not known here."""
    if run.tags.get(HOST_TAG) != socket.gethostname() or PROCESS_TAG not in run.tags:
        return None
    return _alive(run.tags[PROCESS_TAG])


def end_process(run: DagsterRun) -> bool:
    """Ask the process that executes a run to end; tell whether there was one to ask."""
    number = int(run.tags[PROCESS_TAG].partition(":")[0])
    with suppress(ProcessLookupError):
        process = os.pidfd_open(number)  # from here on the number is that of this process
        try:
            if is_alive(run):
                signal.pidfd_send_signal(process, signal.SIGTERM)
                return True
        finally:
            os.close(process)
    return False


def tag_process(instance: DagsterInstance, run: DagsterRun) -> None:
    """Write down which process executes a run, so that the next command notices if it is killed."""
    if PROCESS_TAG not in run.tags:
        instance.add_run_tags(run.run_id, process_tags())


def user() -> str:
    """Return who runs this process; its number where it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def end_abandoned(instance: DagsterInstance) -> list[DagsterRun]:
    """Record the runs as failed whose process on this machine was killed, and return them."""
    going = dg.RunsFilter(
        statuses=[DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING],
        tags={HOST_TAG: socket.gethostname()},
    )
    abandoned = [run for run in instance.get_runs(going) if not _alive(run.tags.get(PROCESS_TAG, ""))]
    for run in abandoned:
        instance.report_run_failed(run, "The process that executed this run was killed.")
    return abandoned


def _alive(process: str) -> bool:
    number, _, started = process.partition(":")
    return number.isdigit() and _started(int(number)) == started


def _started(number: int) -> str | None:
    """Return when a process was started, None if it has ended; a number is used again, number and time are not."""
    import psutil

    try:
        process = psutil.Process(number)
        return None if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
    except psutil.NoSuchProcess:
        return None
