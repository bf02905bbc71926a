"""Accounts that do not balance."""

import pandas as pd


def make(root):
    pd.DataFrame({"account": ["a", "b", "c"], "debit": [10, 20, 30], "credit": [10, 20, 31]}).to_csv(
        root / "accounts.csv", index=False
    )
