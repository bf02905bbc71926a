"""Weather of a few towns."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(23)
    n = 200
    frame = pd.DataFrame(
        {
            "town": rng.choice(["Ulm", "Aalen", "Ravensburg"], n),
            "date": np.tile(pd.date_range("2022-03-01", periods=100).strftime("%Y-%m-%d"), 2),
            "tmax": rng.normal(15, 6, n).round(1),
            "tmin": rng.normal(5, 4, n).round(1),
        }
    )
    frame.loc[::17, "tmax"] = -999
    (root / "data").mkdir()
    frame.to_csv(root / "data" / "weather_raw.csv", index=False)
