"""Districts with house prices, in a small archive."""

import io
import tarfile

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(42)
    n = 500
    frame = pd.DataFrame(
        {
            "longitude": rng.uniform(-124, -114, n).round(2),
            "latitude": rng.uniform(32, 42, n).round(2),
            "median_income": rng.gamma(3, 1.3, n).round(4),
            "total_rooms": rng.integers(50, 9000, n),
            "total_bedrooms": np.where(rng.random(n) < 0.05, np.nan, rng.integers(10, 1500, n)),
            "ocean_proximity": rng.choice(["INLAND", "NEAR BAY", "<1H OCEAN"], n),
        }
    )
    frame["median_house_value"] = (frame.median_income * 40000 + rng.normal(0, 20000, n)).round().clip(15000)
    folder = root / "datasets" / "housing"
    folder.mkdir(parents=True)
    data = frame.to_csv(index=False).encode()
    with tarfile.open(folder / "housing.tgz", "w:gz") as archive:
        entry = tarfile.TarInfo("housing.csv")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
