"""A DuckDB file with measurements."""

import duckdb
import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(13)
    n = 240
    readings = pd.DataFrame(
        {
            "sensor": rng.choice(["s1", "s2", "s3"], n),
            "taken": pd.date_range("2024-05-01", periods=n, freq="15min"),
            "value": rng.normal(50, 8, n).round(3),
        }
    )
    connection = duckdb.connect(str(root / "plant.duckdb"))
    connection.register("frame", readings)
    connection.execute("create table readings as select * from frame")
    connection.close()
