"""Workspaces of many notebooks: read, loaded as a code location, found current, one of them run."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks import locations
from benchmarks.bench import Bench, Candidate
from benchmarks.locations import Location
from benchmarks.processes import HERE, OURS, PEERS, command

SIZES = (10, 100, 1000)
WIDTH = 10  # notebooks that read the same table
SHOWN = {4: "<table>" + "<tr><td>1.0</td><td>2.0</td></tr>" * 100 + "</table>"}  # as somebody ran them last


def load(bench: Bench) -> None:
    """A process that loads a code location, as Dagster's servers do, from its start to its end."""
    bench.report.title("load: a code location, from `python` to the snapshot that the UI gets")
    empty = locations.ours(bench.folder / "empty", {})
    candidates = {"empty": _load(bench, OURS, empty)}
    for size in SIZES:
        cold, warm = (_space(bench.folder / f"{state}{size}", size) for state in ("cold", "warm"))
        candidates[f"{size} notebooks, nothing cached"] = _load_cold(bench, cold)
        candidates[f"{size} notebooks, cached"] = _load(bench, OURS, warm)
    candidates["1000 plain assets"] = _load(bench, OURS, plain_assets(bench.folder / "plain", 1000))
    candidates["1000 of dagstermill"] = _load(bench, PEERS, _dagstermill(bench.folder / "dagstermill", 1000))
    times = bench.measure(candidates)
    for size in SIZES:
        for state, name in (("cold", "nothing cached"), ("warm", "cached")):
            times.ratio(f"load{size}/{state}_empty", f"{size} notebooks, {name}", "empty")
            times.difference(f"load{size}/{state}_over_empty", f"{size} notebooks, {name}", "empty")
    times.ratio("load1000/plain_assets", "1000 notebooks, cached", "1000 plain assets")
    times.ratio("load1000/dagstermill", "1000 notebooks, cached", "1000 of dagstermill")


def read1000(bench: Bench) -> None:
    """What is read of the files, without Dagster."""
    bench.report.title("read1000: reading a thousand notebooks")
    root = _space(bench.folder / "space", 1000).root
    driver = bench.driver("drive_reading", OURS)
    times = bench.measure(
        {
            "contracts, cached": bench.ask(driver, "contracts", root=root, cache=True),
            "contracts, nothing cached": bench.ask(driver, "contracts", root=root, cache=False),
            "nbformat.read": bench.ask(driver, "nbformat", root=root),
            "json.load": bench.ask(driver, "plain_json", root=root),
        }
    )
    times.ratio("read1000/nbformat", "contracts, cached", "nbformat.read")
    times.ratio("read1000/json", "contracts, cached", "json.load")
    times.ratio("read1000/nbformat_cold", "contracts, nothing cached", "nbformat.read")


def noop1000(bench: Bench) -> None:
    """`assetbook run` where everything is current; what one asset costs is taken for its start."""
    bench.report.title("noop1000: `assetbook run` over a thousand current notebook assets")
    many, one = _space(bench.folder / "many", 1000), _space(bench.folder / "one", 1)
    candidates = {"a thousand assets": _run(bench, many), "one asset": _run(bench, one)}
    bench.report.note("running them for the first time, which takes minutes")
    first = candidates["a thousand assets"]()
    bench.report.figure("seconds", "noop1000/first_run", first)
    times = bench.measure(candidates)
    times.figure("seconds", "noop1000/whole", "a thousand assets")
    times.difference("noop1000/after_start", "a thousand assets", "one asset")


def one1000(bench: Bench) -> None:
    """One asset of many: what the others cost it."""
    bench.report.title("one1000: one notebook asset in a location of 1,000, and in one of 10")
    candidates: dict[str, Candidate] = {}
    for size in (1000, 10):
        location = _space(bench.folder / f"space{size}", size)
        driver = bench.driver("drive_jobs", OURS)
        driver.ask("warm_up", root=location.root)
        place = {"file": location.file, "home": location.home}
        candidates[f"of {size}"] = bench.ask(driver, "materialize", **place, assets=["n0"])
        candidates[f"of {size}, assetbook run"] = _run(bench, location, "n0", "--force")
    times = bench.measure(candidates)
    times.ratio("one1000/one10", "of 1000", "of 10")
    times.ratio("one1000_cli/one10_cli", "of 1000, assetbook run", "of 10, assetbook run")


def _space(root: Path, size: int) -> Location:
    """Write a workspace of notebooks that load a table and save one, as a tree."""
    return locations.ours(root, {f"n{number}": cells(number) for number in range(size)}, outputs=SHOWN)


def cells(number: int) -> list[str]:
    """Return the cells of a notebook that loads the table of another one and saves one."""
    load = [f"before = ab.load('n{(number - 1) // WIDTH}')"] if number else []
    return [
        f"# Asset {number}\n\nWhat it is about, in a sentence or two.",
        "import pandas as pd\n\nimport assetbook as ab",
        *load,
        f"frame = pd.DataFrame({{'number': range({number % 7 + 3})}})\nframe['square'] = frame.number**2",
        "frame.describe()",
        f"ab.save('n{number}', frame)",
    ]


def _load(bench: Bench, python: Path, location: Location) -> Candidate:
    arguments = [python, HERE / "drive" / "load_location.py", location.file]
    home = bench.environment(DAGSTER_HOME=str(location.home))
    return command(arguments, environment=home, folder=location.root)


def _load_cold(bench: Bench, location: Location) -> Candidate:
    load_it = _load(bench, OURS, location)

    def run() -> float:
        shutil.rmtree(location.root / "data" / "cache", ignore_errors=True)
        return load_it()

    return run


def _run(bench: Bench, location: Location, *arguments: str) -> Candidate:
    whole = [OURS.parent / "assetbook", "run", *arguments]
    return command(whole, environment=bench.environment(), folder=location.root)


def plain_assets(root: Path, size: int) -> Location:
    """Write as many plain assets that do nothing, as the same tree."""
    return locations.plain(root, dict.fromkeys(_names(size)), deps=_above(size), executor="in_process")


def _dagstermill(root: Path, size: int) -> Location:
    notebooks = {name: root / f"{name}.ipynb" for name in _names(size)}
    return locations.dagstermill(root, notebooks, deps=_above(size), executor="in_process")


def _names(size: int) -> list[str]:
    return [f"n{number}" for number in range(size)]


def _above(size: int) -> dict[str, list[str]]:
    return {f"n{number}": [f"n{(number - 1) // WIDTH}"] for number in range(1, size)}
