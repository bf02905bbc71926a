"""Sensor readings of machines, with gaps."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(44)
    rows = []
    for machine in ("M1", "M2"):
        t = pd.date_range("2024-03-01", periods=300, freq="10s")
        for k in np.sort(rng.choice(300, 270, replace=False)):
            rows.append((machine, t[k].isoformat(), round(float(rng.normal(70, 2) + (30 if k in (50, 51, 52) else 0)), 2)))
    (root / "raw").mkdir()
    pd.DataFrame(rows, columns=["machine", "time", "vibration"]).to_json(root / "raw" / "sensors.json", orient="records", lines=True)
