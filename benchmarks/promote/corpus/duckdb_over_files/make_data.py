"""Trips by month, as Parquet files."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(12)
    folder = root / "trips"
    folder.mkdir()
    for month in ("2024-01", "2024-02", "2024-03"):
        n = 150
        pd.DataFrame(
            {
                "pickup": pd.to_datetime(month + "-01") + pd.to_timedelta(rng.integers(0, 28 * 86400, n), unit="s"),
                "zone": rng.choice(["airport", "centre", "harbour"], n),
                "distance_km": rng.gamma(2, 3, n).round(2),
                "fare": rng.gamma(3, 6, n).round(2),
            }
        ).to_parquet(folder / f"trips_{month}.parquet", index=False)
    pd.DataFrame({"zone": ["airport", "centre", "harbour"], "surcharge": [2.5, 1.0, 0.0]}).to_csv(
        root / "zones.csv", index=False
    )
