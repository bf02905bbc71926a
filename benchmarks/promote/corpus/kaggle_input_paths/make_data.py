"""House prices."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(7)
    n = 300
    frame = pd.DataFrame(
        {
            "Id": np.arange(1, n + 1),
            "GrLivArea": rng.normal(1500, 400, n).round(),
            "OverallQual": rng.integers(2, 10, n),
            "Neighborhood": rng.choice(["NAmes", "CollgCr", "OldTown"], n),
            "YearBuilt": rng.integers(1900, 2010, n),
            "LotFrontage": np.where(rng.random(n) < 0.15, np.nan, rng.normal(70, 20, n).round()),
        }
    )
    frame["SalePrice"] = (frame.GrLivArea * 90 + frame.OverallQual * 12000 + rng.normal(0, 9000, n)).round()
    frame.iloc[:220].to_csv(root / "train.csv", index=False)
    frame.iloc[220:].drop(columns="SalePrice").to_csv(root / "test.csv", index=False)
