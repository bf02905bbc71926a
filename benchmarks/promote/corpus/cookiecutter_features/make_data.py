"""Customers and their tickets."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(17)
    raw = root / "data" / "raw"
    raw.mkdir(parents=True)
    (root / "data" / "processed").mkdir()
    (root / "data" / "processed" / ".gitkeep").write_text("")
    n = 120
    pd.DataFrame(
        {
            "customer_id": range(n),
            "signup": pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D"),
            "plan": rng.choice(["free", "pro", "team"], n),
        }
    ).to_csv(raw / "customers.csv", index=False)
    m = 400
    pd.DataFrame(
        {
            "customer_id": rng.integers(0, n, m),
            "opened": pd.to_datetime("2021-06-01") + pd.to_timedelta(rng.integers(0, 200 * 86400, m), unit="s"),
            "severity": rng.choice(["low", "high"], m, p=[0.8, 0.2]),
        }
    ).to_parquet(raw / "tickets.parquet")
