"""Bees."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(99)
    (root / "data").mkdir()
    hives = pd.DataFrame({"hive": range(30), "site": rng.choice(list("ABC"), 30), "kg": rng.normal(22, 5, 30).round(2)})
    hives.to_csv(root / "data" / "hives.csv", index=False)
    pd.DataFrame({"site": list("ABC"), "altitude": [120, 640, 980]}).to_csv(root / "data" / "sites.csv", index=False)
