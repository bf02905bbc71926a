"""An experiment on a web page."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(31)
    n = 900
    group = rng.choice(["control", "treatment"], n)
    converted = rng.random(n) < np.where(group == "control", 0.11, 0.14)
    pd.DataFrame(
        {
            "user_id": rng.permutation(n),
            "timestamp": (pd.to_datetime("2024-01-02") + pd.to_timedelta(rng.integers(0, 20 * 86400, n), unit="s")).astype(str),
            "group": group,
            "landing_page": np.where(group == "control", "old_page", "new_page"),
            "converted": converted.astype(int),
        }
    ).to_csv(root / "ab_data.csv", index=False)
