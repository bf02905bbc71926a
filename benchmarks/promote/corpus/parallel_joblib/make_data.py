"""Many small series."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(58)
    pd.DataFrame({"id": np.repeat(range(12), 40), "t": np.tile(range(40), 12), "v": rng.normal(size=480).cumsum().round(4)}).to_csv(
        root / "series.csv", index=False
    )
