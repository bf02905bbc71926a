"""Une enquête."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(33)
    n = 220
    frame = pd.DataFrame(
        {
            "identifiant": np.arange(n),
            "âge": rng.integers(15, 90, n),
            "région": rng.choice(["Île-de-France", "Bretagne", "Occitanie"], n),
            "satisfaction": rng.choice(["très satisfait", "satisfait", "insatisfait", "NSP"], n, p=[0.3, 0.4, 0.2, 0.1]),
            "poids": rng.uniform(0.5, 2, n).round(3),
        }
    )
    (root / "donnees" / "brutes").mkdir(parents=True)
    frame.to_csv(root / "donnees" / "brutes" / "enquete.tsv", sep="\t", index=False)
