"""SQL, other table libraries, and pages."""

NOTEBOOKS = {
    "sqlite_orders": '''
# %% [markdown]
# # Orders in SQLite
# %%
import sqlite3
import pandas as pd
from contextlib import closing
# %%
QUERY = """
select customer, count(*) as orders, sum(amount) as total
from orders
group by customer
order by total desc
"""
with closing(sqlite3.connect("data/shop.db")) as connection:
    customers = pd.read_sql_query(QUERY, connection)
    days = pd.read_sql("select day, sum(amount) as amount from orders group by day", connection)
customers
# %%
days["day"] = pd.to_datetime(days["day"])
days.set_index("day")["amount"].rolling(7).mean().dropna().head()
# %%
top = customers.iloc[0]
print(f"{top.customer} spent {top.total:.2f}")
''',
    "duckdb_queries": """
# %% [markdown]
# # DuckDB on files
# %%
import duckdb

con = duckdb.connect()
con.sql("create view sales as from 'data/sales.csv'")
# %%
con.sql("select store, sum(units * price) as revenue from sales group by store order by revenue desc").df()
# %%
top = con.execute("select product, max(units) from sales group by 1 order by 2 desc limit 1").fetchall()
top
# %%
stores = [row[0] for row in con.sql("select distinct store from sales order by 1").fetchall()]
for store in stores:
    (n,), = con.execute("select count(*) from sales where store = ?", [store]).fetchall()
    print(store, n)
# %%
con.close()
""",
    "polars_lazy": """
# %% [markdown]
# # Polars
# %%
import polars as pl
from polars import col
# %%
lazy = pl.scan_csv("data/sales.csv", try_parse_dates=True)
result = (
    lazy.filter(col("units") > 6)
    .with_columns((col("units") * col("price")).alias("revenue"))
    .group_by("store", "product")
    .agg(col("revenue").sum(), pl.len().alias("n"))
    .sort("revenue", descending=True)
    .collect()
)
result
# %%
match result.row(0):
    case (store, "tea", float(revenue), _):
        print("tea", store, revenue)
    case (store, product, *rest):
        print(product, store, rest)
# %%
wide = result.pivot(on="product", index="store", values="revenue")
wide.columns
""",
    "scraping_tables": """
# %% [markdown]
# # A table from a page
# The page was saved before; nothing is fetched.
# %%
from pathlib import Path
from html.parser import HTMLParser
from bs4 import BeautifulSoup
import pandas as pd
# %%
html = Path("data/page.html").read_text(encoding="utf-8")
soup = BeautifulSoup(html, "html.parser")
rows = [[cell.get_text(strip=True) for cell in tr.find_all(["th", "td"])] for tr in soup.find_all("tr")]
header, *body = rows
# %%
players = pd.DataFrame(body, columns=header).astype({"goals": int})
players
# %%
class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs).get("href"))

parser = Links()
parser.feed(html)
parser.found or "no links"
""",
    "merging_tables": """
# %% [markdown]
# # Joining what belongs together
# %%
import pandas as pd
sales = pd.read_csv("data/sales.csv")
stores = pd.DataFrame({"store": ["S0", "S1", "S2", "S3"], "city": ["Oslo", "Bergen", "Moss", "Oslo"]})
# %%
merged = sales.merge(stores, on="store", how="left", validate="many_to_one")
assert len(merged) == len(sales)
merged.pivot_table(index="city", columns="product", values="units", aggfunc="sum")
# %%
long = merged.melt(id_vars=["date", "city"], value_vars=["units", "price"])
long.query("city == 'Oslo' and variable == 'units'").value.describe()
# %%
first = merged.drop_duplicates("city").set_index("city")
second = merged.groupby("city").tail(1).set_index("city")
both = pd.concat({"first": first, "last": second}, axis=1)
both.xs("units", axis=1, level=1)
# %%
merged.loc[merged["units"] > 15, "size"] = "large"
merged["size"] = merged["size"].fillna("small")
merged["size"].value_counts(normalize=True)
""",
    "sqlalchemy_models": """
# %% [markdown]
# # Orders with SQLAlchemy
# %%
from sqlalchemy import create_engine, text, Column, Integer, String, Float, select
from sqlalchemy.orm import DeclarativeBase, Session
# %%
class Base(DeclarativeBase):
    pass

class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    customer = Column(String)
    amount = Column(Float)
# %%
engine = create_engine("sqlite:///data/shop.db")
with Session(engine) as session:
    large = session.scalars(select(Order).where(Order.amount > 14)).all()
    count = session.execute(text("select count(*) from orders")).scalar_one()
print(len(large), count)
# %%
engine.dispose()
[order.customer for order in large][:3]
""",
}
