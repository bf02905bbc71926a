"""Loans."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(40)
    n = 160
    pd.DataFrame(
        {"loan": range(n), "income": rng.gamma(5, 9, n).round(1), "default": (rng.random(n) < 0.2).astype(int)}
    ).to_csv(root / "loans.csv", index=False)
