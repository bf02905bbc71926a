"""Twenty trivial notebooks as a graph: a chain of ten, and ten that all read its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks import locations
from benchmarks.bench import Bench, Candidate
from benchmarks.groups.single import MATERIALIZE
from benchmarks.locations import Location
from benchmarks.notebooks import TRIVIAL, write_notebook
from benchmarks.processes import OURS, PEERS, command

CHAIN = [f"chain{n:02}" for n in range(10)]
FAN = [f"fan{n:02}" for n in range(10)]
ABOVE: Mapping[str, Sequence[str]] = {
    **{name: [above] for above, name in pairwise(CHAIN)},
    **{name: [CHAIN[-1]] for name in FAN},
}


def graph20(bench: Bench) -> None:
    """From processes that run already."""
    bench.report.title("graph20: twenty trivial notebooks, a chain of ten and ten that read its end")
    folder = bench.folder
    notebooks = _notebooks(folder)
    driver, plain = bench.driver("drive_jobs", OURS), bench.driver("drive_jobs", OURS)
    papermill, peer = bench.driver("drive_notebooks", PEERS), bench.driver("drive_jobs", PEERS)
    own = locations.ours(folder / "ours", _cells())
    empty = locations.plain(
        folder / "plain", dict.fromkeys([*CHAIN, *FAN]), deps=ABOVE, executor="in_process"
    )
    mill = locations.dagstermill(folder / "dagstermill", notebooks, deps=ABOVE, executor="in_process")
    in_order = [str(path) for path in notebooks.values()]
    driver.ask("warm_up", root=own.root)
    driver.ask("materialize", file=own.file, home=own.home)
    plain.ask("materialize", file=empty.file, home=empty.home)
    papermill.ask("papermill", notebooks=in_order[:1], folder=folder)
    peer.ask("materialize", file=mill.file, home=mill.home, assets=CHAIN[:1])  # all of them take a minute
    times = bench.measure(
        {
            "ours": bench.ask(driver, "materialize", file=own.file, home=own.home),
            "twenty empty plain assets": bench.ask(plain, "materialize", file=empty.file, home=empty.home),
            "papermill": bench.ask(papermill, "papermill", notebooks=in_order, folder=folder),
            "dagstermill": bench.ask(peer, "materialize", file=mill.file, home=mill.home),
        },
        rounds=max(1, 2 * bench.rounds // 3),
        warm=0,
    )
    times.ratio("graph20/dagstermill", "ours", "dagstermill")
    times.ratio("graph20/papermill", "ours", "papermill")
    times.ratio("graph20/plain_assets", "ours", "twenty empty plain assets")


def graph20_cli(bench: Bench) -> None:
    """From the command line; not among the groups that run by default, since it takes minutes."""
    bench.report.title("graph20_cli: the same graph from the command line")
    folder = bench.folder
    own = locations.ours(folder / "ours", _cells())
    mill = locations.dagstermill(
        folder / "dagstermill", _notebooks(folder), deps=ABOVE, executor="multiprocess"
    )
    empty = locations.plain(
        folder / "plain", dict.fromkeys([*CHAIN, *FAN]), deps=ABOVE, executor="multiprocess"
    )
    run = [OURS.parent / "assetbook", "run", "--force"]
    times = bench.measure(
        {
            "assetbook run": command(run, environment=bench.environment(), folder=own.root),
            "plain, dagster asset materialize": _materialize(bench, OURS, empty),
            "dagstermill, dagster asset materialize": _materialize(bench, PEERS, mill),
        }
    )
    times.ratio("graph20_cli/dagstermill", "assetbook run", "dagstermill, dagster asset materialize")
    times.ratio("graph20_cli/plain_assets", "assetbook run", "plain, dagster asset materialize")


def _materialize(bench: Bench, python: Path, location: Location) -> Candidate:
    home = bench.environment(DAGSTER_HOME=str(location.home))
    return command([python, *MATERIALIZE, location.file], environment=home, folder=location.root)


def _notebooks(folder: Path) -> dict[str, Path]:
    return {name: write_notebook(folder / f"{name}.ipynb", TRIVIAL) for name in [*CHAIN, *FAN]}


def _cells() -> dict[str, list[str]]:
    """Return our notebooks: one depends on another by what it loads, so each of the chain saves a table."""
    start = "import assetbook as ab"
    load = {name: [f"before = ab.load({above[0]!r})"] for name, above in ABOVE.items()}
    save = {
        name: [f"import pandas as pd\nab.save({name!r}, pd.DataFrame({{'y': [y], 'name': [{name!r}]}}))"]
        for name in CHAIN
    }
    return {name: [start, *load.get(name, []), *TRIVIAL, *save.get(name, [])] for name in [*CHAIN, *FAN]}
