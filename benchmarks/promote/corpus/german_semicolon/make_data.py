"""Verbrauch je Haushalt, so wie Excel in Deutschland CSV schreibt."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(49)
    n = 150
    frame = pd.DataFrame(
        {
            "Zählernr": [f"Z{i:04}" for i in range(n)],
            "Straße": rng.choice(["Lindenallee", "Goethestraße", "Am Mühlbach"], n),
            "Verbrauch (kWh)": [f"{v:,.2f}".replace(",", "x").replace(".", ",").replace("x", ".") for v in rng.gamma(4, 800, n)],
            "Ablesung": pd.to_datetime("2023-01-02") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
        }
    )
    (root / "Daten").mkdir()
    frame.to_csv(root / "Daten" / "Zählerstände 2023.csv", sep=";", index=False, encoding="latin-1", date_format="%d.%m.%Y")
