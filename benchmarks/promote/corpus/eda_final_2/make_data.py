"""Sales of a small shop."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(3)
    n = 500
    dates = pd.date_range("2022-01-01", "2022-12-31")
    frame = pd.DataFrame(
        {
            "order_id": [f"A{i:05}" for i in range(n)],
            "date": rng.choice(dates, n),
            "region": rng.choice(["North", "South", "East", " west", "West "], n),
            "product": rng.choice(["chair", "table", "lamp"], n),
            "qty": rng.integers(1, 9, n),
            "unit_price": rng.choice([19.99, 49.5, 120.0], n),
        }
    ).sort_values("date")
    frame.loc[frame.sample(12, random_state=1).index, "qty"] = np.nan
    frame = pd.concat([frame, frame.head(5)])
    (root / "data").mkdir()
    frame.to_csv(root / "data" / "sales_2022.csv", index=False)
