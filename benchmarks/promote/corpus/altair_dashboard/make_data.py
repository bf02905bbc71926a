"""Visits of museums."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(39)
    pd.DataFrame(
        {
            "museum": np.repeat(["Art", "Science", "Ships"], 24),
            "month": np.tile(pd.date_range("2022-01-01", periods=24, freq="MS").strftime("%Y-%m"), 3),
            "visits": rng.poisson(900, 72),
        }
    ).to_csv(root / "visits.csv", index=False)
