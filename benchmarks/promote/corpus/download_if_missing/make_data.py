"""What somebody has downloaded once."""

import zipfile

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(52)
    n = 150
    frame = pd.DataFrame({"season": rng.integers(1, 5, n), "temp": rng.random(n).round(4), "cnt": rng.integers(20, 900, n)})
    folder = root / "data"
    folder.mkdir()
    with zipfile.ZipFile(folder / "Bike-Sharing.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("day.csv"), frame.to_csv(index=False))
