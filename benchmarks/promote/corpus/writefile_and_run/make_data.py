"""Rivers."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(53)
    pd.DataFrame({"river": rng.choice(["Elbe", "Oder", "Main"], 70), "level_cm": rng.normal(240, 50, 70).round(), "flow": rng.gamma(4, 60, 70).round(1)}).to_csv(
        root / "rivers.csv", index=False
    )
