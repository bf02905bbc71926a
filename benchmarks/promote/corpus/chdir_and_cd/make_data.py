"""Soil samples."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(25)
    (root / "fieldwork" / "2021").mkdir(parents=True)
    pd.DataFrame({"plot": range(40), "ph": rng.normal(6.4, 0.5, 40).round(2), "depth": rng.choice([10, 30], 40)}).to_csv(
        root / "fieldwork" / "2021" / "soil.csv", index=False
    )
