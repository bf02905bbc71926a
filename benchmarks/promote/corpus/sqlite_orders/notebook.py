# ---
# about: sqlite3 with read_sql_query, a triple-quoted query, parameters, to_sql back into the same database
# style: analyst
# notebook: rfm.ipynb
# leftovers: false
# inputs: [shop.db]
# outputs:
#   - {table: ".*rfm.*", file: shop.db, read: {query: "select * from rfm"}}
# parameters: {should: [cutoff]}
# ---
# %% [markdown]
# # RFM segmentation
# %%
import sqlite3
import pandas as pd

conn = sqlite3.connect("shop.db")
cutoff = "2023-06-30"
# %%
query = """
SELECT o.customer_id, c.country, o.ordered_at, o.amount
FROM orders o
JOIN customers c ON c.customer_id = o.customer_id
WHERE o.ordered_at <= ?
"""
orders = pd.read_sql_query(query, conn, params=(cutoff,), parse_dates=["ordered_at"])
orders.head()
# %%
rfm = orders.groupby("customer_id").agg(
    recency=("ordered_at", lambda d: (pd.Timestamp(cutoff) - d.max()).days),
    frequency=("ordered_at", "count"),
    monetary=("amount", "sum"),
)
rfm["monetary"] = rfm["monetary"].round(2)
rfm["r"] = pd.qcut(rfm.recency, 4, labels=[4, 3, 2, 1]).astype(int)
rfm["f"] = pd.qcut(rfm.frequency.rank(method="first"), 4, labels=[1, 2, 3, 4]).astype(int)
rfm["segment"] = ["best" if r == 4 and f == 4 else "lost" if r == 1 else "other" for r, f in zip(rfm.r, rfm.f)]
rfm.segment.value_counts()
# %%
rfm.to_sql("rfm", conn, if_exists="replace", index=True)
conn.close()
