"""One notebook: a trivial and a real one, in all the ways to run it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks import locations
from benchmarks.bench import Bench, Candidate
from benchmarks.locations import Location
from benchmarks.notebooks import TRIVIAL, real_cells, write_notebook, write_script
from benchmarks.processes import OURS, PEERS, Driver, command

MATERIALIZE = ("-m", "dagster", "asset", "materialize", "--select", "*", "-f")


def trivial(bench: Bench) -> None:
    """Three cells without imports."""
    bench.report.title("trivial: a notebook of three cells without imports")
    _measure(bench, "trivial", TRIVIAL)


def real(bench: Bench) -> None:
    """A small piece of everyday work."""
    bench.report.title("real: pandas, scikit-learn, a plot, 300,000 rows of Parquet")
    _measure(bench, "real", real_cells(bench.folder))


@dataclass(frozen=True)
class _Files:
    """One piece of code in all its clothes."""

    notebook: Path
    script: Path
    ours: Location
    tracked: Location
    plain: Location
    plain_default: Location
    dagstermill: Location
    dagstermill_default: Location


def _write(folder: Path, name: str, cells: Sequence[str]) -> _Files:
    notebook = write_notebook(folder / f"{name}.ipynb", cells)
    script = write_script(folder / f"{name}.py", cells)
    own, alone = {name: cells}, {name: notebook}
    return _Files(
        notebook,
        script,
        ours=locations.ours(folder / "ours", own),
        tracked=locations.ours(folder / "tracked", own, mlflow=True),
        plain=locations.plain(folder / "plain", {name: script}, deps={}, executor="in_process"),
        plain_default=locations.plain(folder / "plain_cli", {name: script}, deps={}, executor="multiprocess"),
        dagstermill=locations.dagstermill(folder / "dagstermill", alone, deps={}, executor="in_process"),
        dagstermill_default=locations.dagstermill(
            folder / "dagstermill_cli", alone, deps={}, executor="multiprocess"
        ),
    )


def _measure(bench: Bench, name: str, cells: Sequence[str]) -> None:
    files = _write(bench.folder, name, cells)
    running = _running(bench, files)
    for candidate in running.values():
        with suppress(RuntimeError):  # it is told when it is measured
            candidate()  # once more than the others: MLflow puts things off to its second run
    times = bench.measure({**running, **_commands(bench, files)})
    times.ratio(f"{name}/plain_asset", "ours, asset", "plain asset")
    times.ratio(f"{name}/plain_asset_in_process", "ours, asset", "plain asset, execute_in_process")
    times.difference(f"{name}/over_plain_asset", "ours, asset", "plain asset")
    times.ratio(f"{name}/script", "ours, asset", "python script.py")
    times.ratio(f"{name}/script_run_notebook", "ours, run_notebook", "python script.py")
    times.ratio(f"{name}/script_fresh", "ours, run_notebook, fresh kernel", "python script.py")
    times.ratio(f"{name}/dagstermill", "ours, asset", "dagstermill asset")
    times.ratio(f"{name}/papermill", "ours, run_notebook", "papermill")
    times.ratio(f"{name}/nbconvert", "ours, asset", "nbconvert --execute")
    times.ratio(f"{name}/dagstermill_cli", "assetbook run", "dagstermill, dagster asset materialize")
    times.ratio(f"{name}/plain_asset_cli", "assetbook run", "plain, dagster asset materialize")
    times.ratio(f"{name}/papermill_cli", "assetbook run", "papermill from the command line")
    times.ratio(f"{name}/nbconvert_cli", "assetbook run", "nbconvert --execute")
    times.ratio(f"{name}/plain_asset_with_mlflow", "ours, asset, MLflow too", "plain asset")


def _running(bench: Bench, files: _Files) -> dict[str, Candidate]:
    """What processes do that run already."""
    ours, tracked, notebooks = _warm(bench, files.ours), _warm(bench, files.tracked), _notebooks(bench)
    plain, peer = bench.driver("drive_jobs", OURS), bench.driver("drive_jobs", PEERS)
    papermill = bench.driver("drive_notebooks", PEERS)
    here = {"notebook": files.notebook, "folder": bench.folder}
    return {
        "the cells alone": bench.ask(plain, "cells", script=files.script),
        "plain asset": bench.ask(plain, "materialize", **_place(files.plain)),
        "plain asset, execute_in_process": bench.ask(plain, "materialize_in_process", **_place(files.plain)),
        "ours, run_notebook": bench.ask(notebooks, "run_notebook", **here),
        "ours, run_notebook, fresh kernel": bench.ask(notebooks, "run_notebook", **here, kernels="fresh"),
        "ours, asset": bench.ask(ours, "materialize", **_place(files.ours)),
        "ours, asset, MLflow too": bench.ask(tracked, "materialize", **_place(files.tracked)),
        "papermill": bench.ask(papermill, "papermill", notebooks=[str(files.notebook)], folder=bench.folder),
        "dagstermill asset": bench.ask(peer, "materialize", **_place(files.dagstermill)),
    }


def _notebooks(bench: Bench) -> Driver:
    driver = bench.driver("drive_notebooks", OURS)
    driver.ask("warm_up", root=bench.folder)
    return driver


def _warm(bench: Bench, location: Location) -> Driver:
    driver = bench.driver("drive_jobs", OURS)
    driver.ask("warm_up", root=location.root)
    return driver


def _place(location: Location) -> dict[str, Path]:
    return {"file": location.file, "home": location.home}


def _commands(bench: Bench, files: _Files) -> dict[str, Candidate]:
    """What commands do, from their start to their end."""
    folder, environment, peers = bench.folder, bench.environment(), PEERS.parent
    plain, peer = files.plain_default, files.dagstermill_default
    nbconvert = [peers / "jupyter-nbconvert", "--execute", "--to", "notebook", "--output", "out"]
    papermill = [peers / "papermill", files.notebook, "cli.ipynb", "--no-progress-bar", "-k", "python3"]

    def dagster(python: Path, location: Location) -> Candidate:
        home = bench.environment(DAGSTER_HOME=str(location.home))
        return command([python, *MATERIALIZE, location.file], environment=home, folder=location.root)

    return {
        "python script.py": command([OURS, files.script], environment=environment, folder=folder),
        "nbconvert --execute": command([*nbconvert, files.notebook], environment=environment, folder=folder),
        "papermill from the command line": command(papermill, environment=environment, folder=folder),
        "plain, dagster asset materialize": dagster(OURS, plain),
        "dagstermill, dagster asset materialize": dagster(PEERS, peer),
        "assetbook run": command(
            [OURS.parent / "assetbook", "run", "--force"], environment=environment, folder=files.ours.root
        ),
    }
