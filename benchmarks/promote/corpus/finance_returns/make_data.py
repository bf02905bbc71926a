"""Prices of four shares, wide."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(36)
    days = pd.bdate_range("2020-01-01", periods=260, name="Date")
    prices = 100 * np.exp(rng.normal(0.0004, 0.012, (260, 4)).cumsum(axis=0))
    (root / "data").mkdir()
    pd.DataFrame(prices.round(2), index=days, columns=["AAA", "BBB", "CCC", "DDD"]).to_csv(root / "data" / "prices.csv")
