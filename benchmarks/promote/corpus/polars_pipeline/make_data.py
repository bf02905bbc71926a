"""Parcels."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(50)
    n = 200
    pd.DataFrame({"parcel": range(n), "depot": rng.choice(["A", "B"], n), "kg": rng.gamma(2, 3, n).round(2), "sent": pd.date_range("2024-01-01", periods=n, freq="3h")}).to_parquet(
        root / "parcels.parquet"
    )
