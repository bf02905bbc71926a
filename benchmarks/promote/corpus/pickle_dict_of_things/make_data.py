"""Cars."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(28)
    n = 180
    hp = rng.normal(110, 30, n).round()
    pd.DataFrame(
        {
            "horsepower": [str(v) if rng.random() > 0.03 else "?" for v in hp],
            "weight": rng.normal(2900, 500, n).round(),
            "origin": rng.choice([1, 2, 3], n),
            "mpg": (46 - 0.1 * hp - rng.normal(5, 2, n)).round(1),
        }
    ).to_csv(root / "auto-mpg.data", sep=" ", index=False, header=False)
