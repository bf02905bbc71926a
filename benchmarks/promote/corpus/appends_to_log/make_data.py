"""One experiment."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(55)
    pd.DataFrame({"x": rng.normal(size=80), "g": rng.choice(list("ab"), 80)}).to_csv(root / "exp.csv", index=False)
    (root / "runs.csv").write_text("when,mean\n2024-01-01,0.5\n")
