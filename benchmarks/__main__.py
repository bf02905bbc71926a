"""``make bench``: interleaved rounds, medians, ratios. See README.md beside this file."""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

ROUNDS = int(os.environ.get("ROUNDS", "7"))


def main() -> None:
    """Measure every group and print its medians and ratios."""
    warnings.simplefilter("ignore")
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    with tempfile.TemporaryDirectory() as folder:
        notebooks(Path(folder) / "notebooks")
        tables(Path(folder) / "tables")


def notebooks(folder: Path) -> None:
    """Notebooks against papermill, a script and a plain Dagster asset."""
    import dagster as dg

    from benchmarks import subjects

    home = folder / "dagster"
    home.mkdir(parents=True)
    trivial = subjects.write_notebook(folder / "trivial.ipynb", subjects.TRIVIAL)
    real = subjects.write_notebook(folder / "real.ipynb", subjects.REAL)
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        times = measure(
            {
                "trivial": subjects.ours(trivial, folder),
                "trivial by papermill": subjects.papermill(trivial, folder),
                "real": subjects.ours(real, folder),
                "real by papermill": subjects.papermill(real, folder),
                "real as a script": subjects.script(subjects.REAL, folder),
                "real as an asset": subjects.notebook_as_asset(folder / "space", subjects.REAL, instance),
                "real as a plain asset": subjects.plain_asset(subjects.REAL, folder, instance),
            }
        )
    ratio("trivial/papermill", times["trivial"], times["trivial by papermill"])
    ratio("real/papermill", times["real"], times["real by papermill"])
    ratio("real/script", times["real"], times["real as a script"])
    ratio("real/plain_asset", times["real as an asset"], times["real as a plain asset"])


def tables(folder: Path) -> None:
    """The lake against plain Parquet files."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from assetbook.lake import Lake

    rng = np.random.default_rng(0)
    rows = 336_776
    frame = pd.DataFrame({f"n{i}": rng.normal(size=rows) for i in range(5)})
    frame["carrier"] = rng.choice(["UA", "B6", "EV", "DL"], rows)
    frame["hour"] = rng.integers(0, 24, rows)
    frame["at"] = pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 365 * 24, rows), "h")
    lake, path, count = Lake(folder / "lake"), folder / "peer.parquet", iter(range(10_000))

    def save() -> None:
        frame.loc[0, "hour"] = next(count)  # other content each time: the same would not be written
        lake.publish([lake.stage("t", frame, group="g", run_id="bench")], stamp={"run_id": "bench"})

    def write() -> None:
        frame.loc[0, "hour"] = next(count)
        pq.write_table(pa.Table.from_pandas(frame), path, compression="zstd", compression_level=1)

    folder.mkdir(parents=True)
    save()
    write()
    times = measure(
        {
            "save a table": save,
            "write Parquet": write,
            "load a table": lambda: lake.read("t") is None and None,
            "read Parquet": lambda: pq.read_table(path).to_pandas() is None and None,
        }
    )
    ratio("table_write/parquet", times["save a table"], times["write Parquet"])
    ratio("table_read/parquet", times["load a table"], times["read Parquet"])


def measure(candidates: Mapping[str, Callable[[], None]]) -> dict[str, float]:
    """Run every candidate once to warm up, then in interleaved rounds; print and return the medians in seconds."""
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(ROUNDS + 1):
        for name, candidate in candidates.items():
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                started = time.perf_counter()
                candidate()
                elapsed = time.perf_counter() - started
            if turn:
                samples[name].append(elapsed)
    medians = {name: statistics.median(values) for name, values in samples.items()}
    for name, seconds in medians.items():
        print(f"{seconds:8.3f} s  {name}", flush=True)
    return medians


def ratio(name: str, ours: float, peer: float) -> None:
    """Print one ratio in the form that tools read."""
    print(f"ratio {name} {ours / peer:.2f}", flush=True)


if __name__ == "__main__":
    main()
