"""Energy by hour in UTC."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(30)
    t = pd.date_range("2023-03-20", periods=24 * 21, freq="h", tz="UTC")
    load = 300 + 50 * np.sin(t.hour / 24 * 6.28) + 20 * (t.dayofweek < 5) + rng.normal(0, 8, len(t))
    (root / "input").mkdir()
    pd.DataFrame({"utc": t.strftime("%Y-%m-%dT%H:%M:%SZ"), "load_mw": np.round(load, 2)}).to_csv(
        root / "input" / "load.csv", index=False
    )
