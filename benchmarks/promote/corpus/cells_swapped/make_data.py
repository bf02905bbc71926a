"""Coffee prices."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(4)
    months = pd.period_range("2018-01", periods=48, freq="M").astype(str)
    pd.DataFrame({"month": months, "price": (100 + rng.normal(0, 4, 48).cumsum()).round(2)}).to_csv(
        root / "coffee.csv", index=False
    )
