"""Hotels."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(45)
    n = 180
    (root / "data").mkdir()
    pd.DataFrame(
        {
            "hotel": rng.choice(["City Hotel", "Resort Hotel"], n),
            "lead_time": rng.integers(0, 300, n),
            "adr": rng.gamma(9, 11, n).round(2),
            "is_canceled": rng.integers(0, 2, n),
        }
    ).to_csv(root / "data" / "hotel_bookings.csv", index=False)
