"""Bus stops and delays."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(54)
    (root / "in").mkdir()
    for year in (2021, 2022):
        pd.DataFrame({"line": rng.integers(1, 9, 100), "delay": rng.exponential(3, 100).round(2)}).to_csv(
            root / "in" / f"delays_{year}.csv", index=False
        )
