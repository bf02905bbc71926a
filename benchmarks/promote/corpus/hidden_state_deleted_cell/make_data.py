"""Measured plants."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(2)
    pd.DataFrame({"plant": range(60), "height": rng.normal(30, 4, 60), "water": rng.choice([1, 2, 3], 60)}).to_csv(
        root / "plants.csv", index=False
    )
