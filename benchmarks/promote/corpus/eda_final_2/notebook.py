# ---
# about: name with blanks and brackets; cleaning to a CSV with its index, which is only a numbering; figures kept as files
# style: analyst
# project: Sales Q4 (copy)
# notebook: 01 - EDA final (2).ipynb
# inputs: [data/sales_2022.csv]
# outputs:
#   - {table: ".*sales_clean.*|.*clean.*", file: output/sales_clean.csv}
# parameters: {must_not: [ax, fig]}
# ---
# %%
import pandas as pd
import matplotlib.pyplot as plt
import os
plt.style.use('ggplot')
pd.options.display.max_columns = 50
# %%
df = pd.read_csv("data/sales_2022.csv", parse_dates=["date"])
df.info()
# %%
df.describe()
# %%
df.isna().sum()
# %%
df = df.drop_duplicates()
df["region"] = df["region"].str.strip().str.title()
df["qty"] = df["qty"].fillna(df["qty"].median())
df["revenue"] = df["qty"] * df["unit_price"]
df["month"] = df["date"].dt.month
df.head()
# %%
if not os.path.exists("output"):
    os.makedirs("output")
df.to_csv("output/sales_clean.csv")
# %% [markdown]
# ### Revenue per month
# %%
monthly = df.groupby("month")["revenue"].sum()
ax = monthly.plot(kind="bar", figsize=(9, 4), title="Revenue 2022")
ax.set_ylabel("EUR")
plt.tight_layout()
plt.savefig("output/monthly.png", dpi=120)
plt.show()
# %%
fig, ax = plt.subplots()
df.pivot_table(index="region", columns="product", values="revenue", aggfunc="sum").plot.barh(stacked=True, ax=ax)
fig.savefig("output/by_region.pdf")
plt.close(fig)
