"""Wine."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(27)
    n = 200
    frame = pd.DataFrame(rng.normal(size=(n, 5)).round(3), columns=["alcohol", "acid", "sugar", "sulphates", "ph"])
    frame["quality"] = pd.cut(frame.alcohol + rng.normal(0, 0.7, n), [-9, -0.7, 0.7, 9], labels=["low", "mid", "high"])
    frame.to_csv(root / "wine.csv", index=False)
