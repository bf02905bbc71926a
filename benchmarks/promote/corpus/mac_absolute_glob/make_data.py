"""Readings by day."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(60)
    (root / "daily").mkdir()
    for day in range(1, 6):
        pd.DataFrame({"minute": range(20), "co2": rng.normal(600, 80, 20).round()}).to_csv(root / "daily" / f"2024-01-{day:02}.csv", index=False)
