"""Leads."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(57)
    pd.DataFrame({"lead": range(120), "score": rng.random(120).round(3), "owner": rng.choice(["kim", "lee"], 120)}).to_csv(
        root / "leads.csv", index=False
    )
