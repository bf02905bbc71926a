"""Two kinds of fish."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(48)
    n = 140
    length = rng.uniform(10, 50, n)
    pd.DataFrame({"Species": rng.choice(["Bream", "Pike"], n), "Length": length.round(1), "Weight": (0.02 * length**2.9 + rng.normal(0, 20, n)).round(1)}).to_csv(
        root / "Fish.csv", index=False
    )
