"""Rents."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(43)
    n = 200
    size = rng.uniform(20, 140, n).round(1)
    pd.DataFrame({"size": size, "rooms": (size // 30 + 1).astype(int), "rent": (size * 11 + rng.normal(0, 90, n)).round()}).to_csv(
        root / "rents.csv", index=False, sep="\t"
    )
