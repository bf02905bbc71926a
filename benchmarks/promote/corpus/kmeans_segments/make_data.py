"""Mall customers."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(29)
    centres = np.array([[25, 80], [60, 50], [90, 15], [85, 85]])
    which = rng.integers(0, 4, 160)
    points = centres[which] + rng.normal(0, 6, (160, 2))
    pd.DataFrame(
        {
            "CustomerID": range(1, 161),
            "Genre": rng.choice(["Male", "Female"], 160),
            "Annual Income (k$)": points[:, 0].round(),
            "Spending Score (1-100)": points[:, 1].round(),
        }
    ).to_csv(root / "Mall_Customers.csv", index=False)
