"""Schools and their districts, in folders beside the notebook's."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(46)
    (root / "data" / "external").mkdir(parents=True)
    (root / "data" / "interim").mkdir()
    (root / "reports" / "figures").mkdir(parents=True)
    n = 90
    pd.DataFrame(
        {"school_id": range(n), "district": rng.choice(["N", "S", "E"], n), "pupils": rng.integers(80, 900, n), "staff": rng.integers(5, 60, n)}
    ).to_csv(root / "data" / "external" / "schools.csv.gz", index=False, compression="gzip")
    pd.DataFrame({"district": ["N", "S", "E"], "budget": [1.2, 2.5, 0.9]}).to_json(root / "data" / "external" / "budget.json")
