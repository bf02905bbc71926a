"""Stations."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(15)
    (root / "stations").mkdir()
    for name in ("alpha", "beta", "gamma"):
        pd.DataFrame(
            {"day": pd.date_range("2023-01-01", periods=50), "rain": rng.exponential(3, 50).round(1)}
        ).to_csv(root / "stations" / f"{name}.csv", index=False)
