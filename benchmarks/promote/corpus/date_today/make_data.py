"""Tasks."""

import pandas as pd


def make(root):
    pd.DataFrame(
        {"task": range(40), "due": pd.date_range("2023-01-01", periods=40, freq="11D").strftime("%Y-%m-%d"), "done": [i % 3 == 0 for i in range(40)]}
    ).to_csv(root / "tasks.csv", index=False)
