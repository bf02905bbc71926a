"""Breast measurements, as in so many courses."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(47)
    n = 240
    x = rng.normal(size=(n, 3))
    pd.DataFrame({"radius": x[:, 0], "texture": x[:, 1], "area": x[:, 2], "malignant": (x.sum(axis=1) + rng.normal(0, 0.6, n) > 0).astype(int)}).round(4).to_csv(
        root / "cells.csv", index=False
    )
