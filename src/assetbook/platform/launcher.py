"""Runs that Dagster's UI and daemon launch, in processes that need not import Dagster any more."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable

from dagster import DagsterRun, DagsterRunStatus
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, LaunchRunContext, WorkerStatus
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.types import ExecuteRunArgs

from assetbook import resident
from assetbook.platform.instance import PROCESS_TAG, end_process, is_alive, process_tags
from assetbook.standby.order import Order
from assetbook.standby.origin import origin, places
from assetbook.standby.served import Served, serve, start

ENTRY, PROGRAM = "dagster._cli:main", "dagster.__main__"


class WarmRunLauncher(DefaultRunLauncher):
    """Launches runs from the command server, where `dagster dev` works with this Python on this machine.

    Such a run has a process of its own, as one of Dagster's own launcher has, with the environment and the folder
    of the process that launches it. That is the daemon; when it ends, its runs are asked to end, too. Everything else
    is launched by the code server, as ever: while there is no command server yet, on another system than Linux, for
    a code location with another Python or elsewhere.
    """

    def launch_run(self, context: LaunchRunContext) -> None:
        """Start the process of a run."""
        run = context.dagster_run
        served = self._serve(context) if _is_here(context) else None
        if served is None or not _began(served):
            super().launch_run(context)
            return
        self._instance.add_run_tags(run.run_id, process_tags(served.pid))
        self._run_ids.add(run.run_id)
        _in_background(lambda: self._follow(run.run_id, served))

    def terminate(self, run_id: str) -> bool:
        """Ask the process of a run to end; return whether there was one."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished or GRPC_INFO_TAG in run.tags or is_alive(run) is None:
            return bool(super().terminate(run_id))  # type: ignore[no-untyped-call]
        self._instance.report_run_canceling(run)
        return end_process(run)

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether it can tell if the process of a run still runs."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Tell whether the process of a run still runs; of one that is not known here, assume it."""
        if is_alive(run) is False:
            return CheckRunHealthResult(WorkerStatus.FAILED, f"Process {run.tags[PROCESS_TAG]} has ended.")
        return CheckRunHealthResult(WorkerStatus.RUNNING)

    def _serve(self, context: LaunchRunContext) -> Served | None:
        """Return a process for a run, which waits; None if the command server has none, which is started then."""
        code = context.job_code_origin
        assert code is not None
        arguments = ExecuteRunArgs(code, context.dagster_run.run_id, self._instance.get_ref())
        environment = dict(os.environ)
        try:
            found = origin(environment)
            order = Order.of_module(ENTRY, PROGRAM, ["dagster", *list(arguments.get_command_args())[-3:]])
        except (OSError, AttributeError):  # a system that does not tell what is needed
            return None
        served = serve(places(found)[0], order, last=signal.SIGTERM)
        if served is None and (process := start(found, environment)):
            _in_background(process.wait)
        return served

    def _follow(self, run_id: str, served: Served) -> None:
        """Wait for the end of a run's process, and say so where it did not end by itself."""
        code = served.wait()
        served.close()
        if not self.has_instance or not (run := self._instance.get_run_by_id(run_id)) or run.is_finished:
            return
        how = f"was killed by signal {-code}" if code and code < 0 else f"ended with exit code {code}"
        if code is None:
            how = f"was killed with the server that it came from (process {served.server})"
        message = f"The process of this run {how}, before the run had ended."
        if run.status == DagsterRunStatus.CANCELING:
            self._instance.report_run_canceled(run, message)
        else:
            self._instance.report_run_failed(run, message)


def _is_here(context: LaunchRunContext) -> bool:
    """Tell whether a run's code is loaded by this Python on this machine, from a server that `dagster dev` keeps."""
    run, code = context.dagster_run, context.job_code_origin
    if (
        sys.platform != "linux"
        or resident.stay() == 0
        or not context.workspace
        or not run.remote_job_origin
        or not code
    ):
        return False
    name = run.remote_job_origin.location_name
    location = context.workspace.get_code_location(name).origin
    return (
        isinstance(location, GrpcServerCodeLocationOrigin)
        and location.socket is not None
        and code.repository_origin.executable_path == sys.executable
        and code.repository_origin.container_image is None
    )


def _began(served: Served) -> bool:
    try:
        served.begin()
    except OSError:  # it has ended meanwhile
        served.close()
        return False
    return True


def _in_background(wait: Callable[[], object]) -> None:
    threading.Thread(target=wait, name="assetbook-launched", daemon=True).start()
