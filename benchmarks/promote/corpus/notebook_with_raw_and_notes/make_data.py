"""Votes."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(51)
    (root / "in").mkdir()
    pd.DataFrame({"district": range(45), "turnout": rng.uniform(40, 85, 45).round(1), "party_a": rng.integers(100, 900, 45), "party_b": rng.integers(100, 900, 45)}).to_feather(
        root / "in" / "votes.feather"
    )
