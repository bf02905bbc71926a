"""Prices of fruit."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(26)
    (root / "data").mkdir()
    pd.DataFrame({"fruit": rng.choice(["apple", "pear", "plum"], 60), "price": rng.gamma(3, 0.5, 60).round(2)}).to_csv(
        root / "data" / "fruit.csv", index=False
    )
