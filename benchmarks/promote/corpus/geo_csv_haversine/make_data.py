"""Shops with coordinates; mixed values."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(38)
    n = 50
    pd.DataFrame(
        {
            "shop": [f"Shop {i}" for i in range(n)],
            "lat": rng.uniform(52.3, 52.6, n).round(5),
            "lon": rng.uniform(13.2, 13.6, n).round(5),
            "phone": [f"030{v}" if v % 3 else None for v in rng.integers(1000, 9999, n)],
            "zip": [f"{v:05}" for v in rng.integers(1067, 14199, n)],
            "staff": [str(v) if v % 5 else "n/a" if v % 2 else "3-4" for v in rng.integers(1, 20, n)],
        }
    ).to_csv(root / "shops.csv", index=False)
