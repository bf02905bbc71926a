"""Bikes for hire by hour."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(21)
    hours = pd.date_range("2011-06-01", periods=24 * 20, freq="h")
    cnt = np.clip(80 + 60 * np.sin((hours.hour - 8) / 24 * 2 * np.pi) + rng.normal(0, 10, len(hours)), 1, None)
    pd.DataFrame(
        {"datetime": hours, "temp": rng.normal(20, 4, len(hours)).round(2), "count": cnt.astype(int)}
    ).to_csv(root / "bikes.csv", index=False)
