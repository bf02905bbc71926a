"""Tables of the lake against plain Parquet files: time, and peak memory of a big one."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.processes import OURS

USUAL, BIG = 336_776, 10_000_000
MB = 1024 * 1024


def table(bench: Bench) -> None:
    """A table of everyday size, saved and loaded by a process that runs already."""
    bench.report.title(f"table: {USUAL:,} rows of 8 columns")
    driver = bench.driver("drive_tables", OURS)
    here = {"folder": bench.folder, "rows": USUAL}
    times = bench.measure(
        {
            "save": bench.ask(driver, "save", **here),
            "write Parquet": bench.ask(driver, "write_parquet", **here),
            "load": bench.ask(driver, "load", **here),
            "read Parquet": bench.ask(driver, "read_parquet", **here),
        }
    )
    times.ratio("table_save/parquet", "save", "write Parquet")
    times.ratio("table_load/parquet", "load", "read Parquet")


def table10m(bench: Bench) -> None:
    """A big one, measured once, each step in a process of its own so that its peak of memory can be told."""
    bench.report.title(f"table10m: {BIG:,} rows of 8 columns, once")
    here = {"folder": bench.folder, "rows": BIG}
    found = {}
    for do in ("save", "write_parquet", "load", "read_parquet"):
        driver = bench.driver("drive_tables", OURS)
        found[do] = driver.ask(do, **here)
        driver.close()
        used, peak = (found[do][name] / MB for name in ("used", "peak"))
        bench.report.samples(
            {f"{do}, {used:.0f} MB before, {peak:.0f} MB at the peak": [found[do]["seconds"]]}
        )
    for name, ours, peer in (("save", "save", "write_parquet"), ("load", "load", "read_parquet")):
        bench.report.figure(
            "ratio", f"table10m_{name}/parquet", found[ours]["seconds"] / found[peer]["seconds"]
        )
        bench.report.figure("mb", f"table10m_{name}/peak", found[ours]["peak"] / MB)
        bench.report.figure(
            "ratio", f"table10m_{name}/parquet_peak", found[ours]["peak"] / found[peer]["peak"]
        )
