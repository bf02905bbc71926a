"""Saves and loads a table through the lake, and as a plain Parquet file, and tells the peak of memory."""

from __future__ import annotations

import gc
import re
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from drive import serve, timed

_COUNT = count()


@cache
def _frame(rows: int) -> Any:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"n{i}": rng.normal(size=rows) for i in range(5)})
    frame["carrier"] = rng.choice(np.array(["UA", "B6", "EV", "DL"], dtype=object), rows)
    frame["hour"] = rng.integers(0, 24, rows)
    frame["at"] = pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 365 * 24, rows), "h")
    return frame


def _changed(rows: int) -> Any:
    """Return the frame with other content each time: the lake would not write the same again."""
    frame = _frame(rows)
    frame.loc[0, "hour"] = next(_COUNT)
    return frame


def _lake(folder: str) -> Any:
    from assetbook.lake import Lake

    return Lake(Path(folder) / "lake")


def _memory(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def _measured(work: Any) -> dict[str, Any]:
    """Do something; return its time, the memory before it, and the highest while it was done."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    used = _memory("VmRSS")
    return {**timed(work), "used": used, "peak": _memory("VmHWM")}


def save(folder: str, rows: int) -> dict[str, Any]:
    """Stage a table and publish it, as `ab.save` and the end of a run do."""
    lake, frame = _lake(folder), _changed(rows)
    stamp = {"run_id": "bench"}
    return _measured(
        lambda: lake.publish([lake.stage("t", frame, group="g", run_id="bench")], stamp=stamp) and None
    )


def load(folder: str, rows: int) -> dict[str, Any]:
    """Read a table as pandas, as `ab.load` does."""
    lake = _lake(folder)
    return _measured(lambda: _whole(lake.read("t"), rows))


def write_parquet(folder: str, rows: int) -> dict[str, Any]:
    """Write a table with pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame, path = _changed(rows), Path(folder) / "peer.parquet"
    return _measured(
        lambda: pq.write_table(pa.Table.from_pandas(frame), path, compression="zstd", compression_level=1)
    )


def read_parquet(folder: str, rows: int) -> dict[str, Any]:
    """Read it with pyarrow, as pandas."""
    import pyarrow.parquet as pq

    path = Path(folder) / "peer.parquet"
    return _measured(lambda: _whole(pq.read_table(path).to_pandas(), rows))


def _whole(frame: Any, rows: int) -> None:
    if len(frame) != rows:
        raise RuntimeError(f"{len(frame)} rows came back of {rows}")


if __name__ == "__main__":
    serve(save, load, write_parquet, read_parquet)
