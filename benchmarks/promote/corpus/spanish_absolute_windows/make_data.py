"""Cosechas."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(34)
    n = 120
    (root / "datos").mkdir()
    pd.DataFrame(
        {
            "año": rng.integers(2010, 2023, n),
            "provincia": rng.choice(["Jaén", "Córdoba", "Málaga"], n),
            "toneladas": rng.gamma(3, 500, n).round(1),
        }
    ).to_csv(root / "datos" / "cosechas.csv", index=False)
