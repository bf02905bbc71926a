"""A small shop's database."""

import sqlite3

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(77)
    n = 300
    orders = pd.DataFrame(
        {
            "order_id": range(1, n + 1),
            "customer_id": rng.integers(1, 40, n),
            "ordered_at": (pd.to_datetime("2023-01-01") + pd.to_timedelta(rng.integers(0, 180, n), unit="D")).strftime("%Y-%m-%d"),
            "amount": rng.gamma(2, 25, n).round(2),
        }
    )
    customers = pd.DataFrame({"customer_id": range(1, 41), "country": rng.choice(["DE", "FR", "PL"], 40)})
    connection = sqlite3.connect(root / "shop.db")
    orders.to_sql("orders", connection, index=False)
    customers.to_sql("customers", connection, index=False)
    connection.close()
