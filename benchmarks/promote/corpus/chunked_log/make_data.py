"""A web server's log as CSV."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(16)
    n = 1500
    pd.DataFrame(
        {
            "ts": (pd.to_datetime("2024-02-01") + pd.to_timedelta(np.sort(rng.integers(0, 3 * 86400, n)), unit="s")).astype(str),
            "status": rng.choice([200, 200, 200, 404, 500], n),
            "path": rng.choice(["/", "/shop", "/cart", "/about"], n),
            "bytes": [f"{v:,}" for v in rng.integers(300, 90000, n)],
            "agent": "Mozilla",
        }
    ).to_csv(root / "access.csv", index=False)
