"""Results of matches."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(61)
    n = 90
    pd.DataFrame({"season": rng.choice([2021, 2022], n), "team": rng.choice(["Reds", "Blues", "Greens"], n), "goals": rng.poisson(1.4, n), "home": rng.random(n) > 0.5}).to_csv(
        root / "matches.csv", index=False
    )
