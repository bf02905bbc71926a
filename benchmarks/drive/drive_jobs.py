"""Materializes assets of a file with ``defs``, and runs bare cells: ours, dagstermill's and plain ones all the same."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from drive import serve, timed

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
EVERYTHING = "__ASSET_JOB"  # Dagster's own name of the job of all assets


@cache
def _job(file: str) -> Any:
    from dagster._core.definitions.reconstruct import ReconstructableRepository

    folder = os.path.dirname(file)  # noqa: PTH120 - standard library as everywhere here, and no Path needed
    job = ReconstructableRepository.for_file(file, "defs", folder).get_reconstructable_job(EVERYTHING)
    job.get_definition()
    return job


@cache
def _instance(home: str) -> Any:
    import dagster as dg

    return dg.DagsterInstance.from_config(home)


def _check(result: Any) -> None:
    if not result.success:
        failed = [event.step_key for event in result.all_events if event.is_step_failure]
        raise RuntimeError(f"the run failed in {failed or 'no step'}")


def warm_up(root: str) -> dict[str, Any]:
    """Have the libraries of Assetbook's warm kernels imported, as from the second notebook on."""
    from pathlib import Path

    from assetbook.execute import warm

    return {"ready": warm.warm_up(Path(root), wait=60)}


def materialize(file: str, home: str, assets: list[str] | None = None) -> dict[str, Any]:
    """Materialize the assets of a code location with its own executor, as one recorded run in this process."""
    import dagster as dg

    job, instance = _job(file), _instance(home)
    keys = [dg.AssetKey(name) for name in assets] if assets else None
    return timed(
        lambda: _check(dg.execute_job(job, instance=instance, run_config=QUIET, asset_selection=keys))
    )


def materialize_in_process(file: str, home: str) -> dict[str, Any]:
    """Materialize all assets by `execute_in_process`."""
    job, instance = _job(file).get_definition(), _instance(home)
    return timed(lambda: _check(job.execute_in_process(instance=instance, run_config=QUIET)))


@cache
def _compiled(script: str) -> Any:
    with open(script, encoding="utf-8") as file:  # noqa: PTH123
        return compile(file.read(), script, "exec")


def cells(script: str) -> dict[str, Any]:
    """Run the cells and nothing else, in a process that has imported their libraries."""
    code = _compiled(script)
    return timed(lambda: exec(code, {}))


if __name__ == "__main__":
    serve(warm_up, materialize, materialize_in_process, cells)
