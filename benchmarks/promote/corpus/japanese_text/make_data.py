"""温度。"""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(81)
    pd.DataFrame(
        {
            "日付": pd.date_range("2023-04-01", periods=60).strftime("%Y/%m/%d"),
            "都市": rng.choice(["東京", "大阪", "札幌"], 60),
            "気温": rng.normal(18, 5, 60).round(1),
        }
    ).to_csv(root / "気温.csv", index=False, encoding="shift_jis")
