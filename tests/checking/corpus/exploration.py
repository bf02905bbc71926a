"""Looking at data: tables, plots, a few words."""

# ruff: noqa: E501 - as people write them

NOTEBOOKS = {
    "sales_overview": """
# %% [markdown]
# # Sales overview
#
# How sales of 2023 went, by store and product.
# %%
import pandas as pd
import matplotlib.pyplot as plt

%matplotlib inline
plt.rcParams["figure.figsize"] = (10, 4)
# %%
sales = pd.read_csv("data/sales.csv", parse_dates=["date"])
sales.head()
# %%
sales.info()
# %%
sales["revenue"] = sales["units"] * sales["price"]
by_store = sales.groupby("store")["revenue"].agg(["sum", "mean"]).sort_values("sum", ascending=False)
by_store
# %%
fig, ax = plt.subplots()
by_store["sum"].plot.bar(ax=ax)
ax.set_ylabel("revenue")
ax.set_title("Revenue by store")
plt.show()
# %%
monthly = sales.set_index("date").resample("MS")["revenue"].sum()
monthly.plot(marker="o");
# %%
sales.loc[sales["promo"], "units"].mean() - sales.loc[~sales["promo"], "units"].mean()
# %% [markdown]
# Promotions do sell more, but not by much.
""",
    "churn_first_look": """
# %% [markdown]
# # Churn: a first look
# %%
import numpy as np
import pandas as pd

pd.options.display.max_columns = 50
# %%
df = pd.read_csv("data/customers.csv")
print(df.shape)
df.dtypes
# %%
missing = df.isna().sum()
missing[missing > 0]
# %%
df["income"] = df["income"].fillna(df["income"].median())
df["age_group"] = pd.cut(df["age"], bins=[0, 30, 50, 120], labels=["young", "middle", "old"])
# %%
for column in ["city", "age_group"]:
    print(df.groupby(column, observed=True)["churned"].mean().round(3))
# %%
numeric = df.select_dtypes(include=np.number)
correlations = numeric.corr()["churned"].drop("churned").sort_values()
correlations
# %%
outliers = df[np.abs(df["income"] - df["income"].mean()) > 3 * df["income"].std()]
len(outliers)
# %% [markdown]
# Nothing here looks wrong. Age matters least.
""",
    "events_from_json": """
# %% [markdown]
# # What users do
# %%
import json
from collections import Counter, defaultdict
from pathlib import Path

DATA = Path("data")
# %%
with open(DATA / "events.json") as f:
    events = json.load(f)
events[0]
# %%
kinds = Counter(event["kind"] for event in events)
kinds.most_common()
# %%
by_user = defaultdict(list)
for event in events:
    by_user[event["user"]].append(event["ms"])
slowest = max(by_user, key=lambda user: sum(by_user[user]))
print(f"slowest user: {slowest}")
# %%
buyers = {e["user"] for e in events if e["kind"] == "buy"}
share = len(buyers) / len(by_user)
f"{share:.0%} of the users bought something"
""",
    "altair_charts": """
# %% [markdown]
# # Charts that one can hover over
# %%
import altair as alt
import pandas as pd

source = pd.read_csv("data/customers.csv").dropna()
# %%
brush = alt.selection_interval()
points = (
    alt.Chart(source)
    .mark_point()
    .encode(x="age:Q", y="income:Q", color=alt.condition(brush, "city:N", alt.value("lightgray")))
    .add_params(brush)
)
points
# %%
bars = alt.Chart(source).mark_bar().encode(y="city:N", x="count():Q", color="city:N").transform_filter(brush)
points & bars
""",
    "plotly_dashboard": """
# %% [markdown]
# # Stores, month by month
# %%
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from plotly.subplots import make_subplots
# %%
df = (
    pd.read_csv("data/sales.csv")
    .assign(month=lambda d: d["date"].str[:7], revenue=lambda d: d.units * d.price)
    .groupby(["store", "month"], as_index=False)
    .agg(revenue=("revenue", "sum"), units=("units", "sum"))
)
df.sample(3, random_state=1)
# %%
fig = px.line(df, x="month", y="revenue", color="store", template="plotly_white")
fig.update_layout(height=350)
fig
# %%
fig = make_subplots(rows=1, cols=2)
for position, (store, part) in enumerate(df.groupby("store"), start=1):
    if position > 2:
        break
    fig.add_trace(go.Bar(x=part["month"], y=part["units"], name=store), row=1, col=position)
fig.show()
""",
    "missing_values": '''
# %% [markdown]
# # Missing values
# How much is missing, and does it matter?
# %%
import pandas as pd, numpy as np
# %%
people = pd.read_csv('data/customers.csv', index_col='id')
people.isnull().mean()
# %%
def summarize(frame, columns=None):
    """A table of what is missing."""
    columns = columns or frame.columns
    return pd.DataFrame({c: [frame[c].isnull().sum(), frame[c].nunique()] for c in columns}, index=['missing', 'unique']).T

summarize(people)
# %%
filled = people.copy()
filled['income'] = filled.groupby('city')['income'].transform(lambda s: s.fillna(s.median()))
assert filled['income'].notnull().all()
# %%
before, after = people['income'].mean(), filled['income'].mean()
print(before, after, np.round(after - before, 2))
''',
    "text_exploration": """
# %% [markdown]
# # Reviews
# %%
import re
import string
import pandas as pd
from collections import Counter
# %%
reviews = pd.read_csv("data/reviews.csv")
STOPWORDS = {"and", "the", "a"}

def tokens(text):
    text = re.sub(f"[{re.escape(string.punctuation)}]", " ", text.lower())
    return [w for w in text.split() if w not in STOPWORDS and not w.isdigit()]

reviews["tokens"] = reviews["text"].map(tokens)
reviews.head(2)
# %%
words = Counter(w for ts in reviews["tokens"] for w in ts)
print(words.most_common(5))
# %%
good, bad = (reviews[reviews.stars >= 4], reviews[reviews.stars <= 2])
{name: part["tokens"].str.len().mean() for name, part in [("good", good), ("bad", bad)]}
""",
}
