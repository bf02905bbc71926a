"""Parcels of land."""

import pandas as pd


def make(root):
    (root / "data").mkdir()
    pd.DataFrame({"parcel": range(25), "ha": [i * 0.7 + 1 for i in range(25)], "use": ["field", "wood", "meadow", "field", "wood"] * 5}).to_csv(
        root / "data" / "land.csv", index=False
    )
