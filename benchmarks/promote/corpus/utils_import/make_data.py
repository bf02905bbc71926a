"""Runners."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(24)
    n = 130
    pd.DataFrame(
        {
            " Bib ": range(n),
            "Net Time": [f"{h}:{m:02}:{s:02}" for h, m, s in zip(rng.integers(2, 5, n), rng.integers(0, 60, n), rng.integers(0, 60, n))],
            "AgeGroup": rng.choice(["M30", "W30", "M40", "W40"], n),
        }
    ).to_csv(root / "results.csv", index=False)
