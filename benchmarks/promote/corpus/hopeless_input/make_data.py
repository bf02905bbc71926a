"""Songs."""

import pandas as pd


def make(root):
    pd.DataFrame({"song": list("abcdef"), "plays": [5, 2, 8, 1, 9, 3]}).to_csv(root / "songs.csv", index=False)
