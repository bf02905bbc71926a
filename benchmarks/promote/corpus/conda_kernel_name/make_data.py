"""Penguins."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(41)
    n = 150
    species = rng.choice(["Adelie", "Gentoo", "Chinstrap"], n)
    base = pd.Series(species).map({"Adelie": 38, "Gentoo": 47, "Chinstrap": 49})
    pd.DataFrame(
        {"species": species, "bill_length": (base + rng.normal(0, 2, n)).round(1), "mass": rng.normal(4200, 600, n).round(-1)}
    ).to_csv(root / "penguins.csv")
