"""Members of a club."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(8)
    pd.DataFrame(
        {
            "id": range(1, 81),
            "joined": pd.to_datetime("2015-01-01") + pd.to_timedelta(rng.integers(0, 2000, 80), unit="D"),
            "fee": rng.choice([30, 45, 60], 80),
        }
    ).to_csv(root / "members.csv", index=False, date_format="%d.%m.%Y")
