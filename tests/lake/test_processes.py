"""Many processes read, write and publish at once, and are killed: every version stays whole and readable."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assetbook.errors import LakeError
from assetbook.lake import Lake, StagedTable, TableVersion

Save = Callable[..., TableVersion]
ROWS = 50


def stage(lake: Lake, name: str, value: object, partition: str | None = None) -> StagedTable:
    """Stage a table in which one value fills all rows: half of two versions would show."""
    frame = pd.DataFrame({"a": [value] * ROWS})
    return lake.stage(name, frame, group="g", run_id="run", partition=partition)


def write(root: str, name: str, partition: str | None, values: list[int]) -> list[tuple[int, int]]:
    """Publish one value after the other, as runs do; return the version that each is said to be."""
    lake, said = Lake(root), []
    for value in values:
        staged = stage(lake, name, value, partition)
        version = lake.publish([staged], stamp={"run_id": "run"})[0]
        lake.discard([staged])
        said.append((version.version, value))
    return said


def write_two(root: str, values: list[int]) -> int:
    """Publish two tables together; every other time the second one does not fit. Return how often it failed."""
    lake, failed = Lake(root), 0
    for value in values:
        bad = value % 2
        staged = [
            stage(lake, "first", -1 if bad else value),
            stage(lake, "p", "text" if bad else value, f"{value}"),
        ]
        with pytest.raises(LakeError, match="does not go with") if bad else nullcontext():
            lake.publish(staged, stamp={"run_id": "run"})
        failed += bad
        lake.discard(staged)
    return failed


def read_until(root: str, stop: str, names: Sequence[str]) -> int:
    """Read until there is a file `stop`; return how often. What is read is always one whole version."""
    lake, count = Lake(root), 0
    while not count or not Path(stop).exists():
        for name in names:
            version = lake.version(name)
            frame = lake.read(version)
            assert len(frame) == ROWS * max(1, len(version.partitions))
            by_partition = lake.query(f"select count(*) from {name} group by a").fetchall()
            assert all(rows % ROWS == 0 for (rows,) in by_partition)
            if not version.partitions:
                assert frame["a"].nunique() == 1
            count += 1
    return count


def at_once(*jobs: tuple[Any, ...]) -> list[Any]:
    """Run each function with its arguments in a process of its own, all at the same time."""
    with ProcessPoolExecutor(len(jobs), mp_context=get_context("spawn")) as pool:
        return [future.result() for future in [pool.submit(*job) for job in jobs]]


def test_processes_write_partitions_of_one_table_at_once(lake: Lake) -> None:
    at_once(*((write, lake.root, "t", key, list(range(10))) for key in ("x", "y", "z")))
    assert lake.read("t")["a"].unique().tolist() == [9]
    assert lake.version("t").version == 29
    assert len(lake.history("t")) == 30


def test_of_processes_that_replace_one_table_the_last_wins_and_every_version_stays(lake: Lake) -> None:
    said = at_once(
        *((write, lake.root, "t", None, list(range(start, start + 10))) for start in (0, 100, 200))
    )
    versions = dict(pair for pairs in said for pair in pairs)
    assert sorted(versions) == list(range(30))  # each writer was told the version that holds its own rows
    for version, value in versions.items():
        assert lake.read("t", version=version)["a"].tolist() == [value] * ROWS


def test_readers_see_whole_versions_while_others_write(lake: Lake, save: Save, tmp_path: Path) -> None:
    for name, partition in (("t", None), ("p", "x")):
        save(name, pd.DataFrame({"a": [0] * ROWS}), partition=partition)
    stop = tmp_path / "stop"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        readers = [pool.submit(read_until, lake.root, str(stop), ["t", "p"]) for _ in range(2)]
        try:
            values = list(range(1, 11))
            at_once((write, lake.root, "t", None, values), (write, lake.root, "p", "x", values))
        finally:
            stop.touch()
        assert all(reader.result() for reader in readers)


def test_tables_are_published_together_by_several_processes(lake: Lake, save: Save) -> None:
    save("p", pd.DataFrame({"a": [0]}), partition="0")
    failed = at_once(*((write_two, lake.root, list(range(start, start + 6))) for start in (10, 20, 30)))
    assert failed == [3, 3, 3]
    good = [value for start in (10, 20, 30) for value in range(start, start + 6) if not value % 2]
    assert sorted(lake.version("p").partitions) == ["0", *map(str, good)]
    seen = [
        lake.read("first", version=v)["a"].unique().tolist() for v in range(lake.version("first").version + 1)
    ]
    assert sorted(seen) == [[value] for value in good]  # nothing of what did not fit was ever a version


ENDLESS = """
import itertools, sys
import pandas as pd
from assetbook.lake import Lake

lake = Lake(sys.argv[1])
for value in itertools.count():
    frame = pd.DataFrame({"a": [value] * 50})
    staged = [lake.stage(name, frame, group="g", run_id="run") for name in ("t", "u")]
    print(value, flush=True)
    lake.publish(staged, stamp={})
"""


@pytest.mark.parametrize("lines", [1, 2, 5])
def test_a_killed_writer_leaves_whole_versions_and_files_to_sweep(lake: Lake, lines: int) -> None:
    arguments = [sys.executable, "-c", ENDLESS, lake.root]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(lines):
            assert writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
    for name in ("t", "u"):
        if lake.exists(name):
            assert lake.read(name)["a"].tolist() == [lake.read(name)["a"][0]] * ROWS
        lake.sweep(name, older_than=-1)
        write(lake.root, name, None, [-1])
        assert lake.read(name)["a"].unique().tolist() == [-1]
    named = {Path(file) for name in ("t", "u") for file in files_of_all_versions(lake, name)}
    assert {file for file in Path(lake.root).rglob("*.parquet") if "_delta_log" not in file.parts} == named


def files_of_all_versions(lake: Lake, name: str) -> list[str]:
    return [file for v in range(lake.version(name).version + 1) for file in lake.version(name, v).files]
