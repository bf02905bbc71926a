"""A small shop: customers and orders, and a notebook that joins them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from assetbook.lake import Lake

SHOP = """
import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series
import assetbook as ab

class Customers(pa.DataFrameModel):
    customer_id: Series[int] = pa.Field(ge=1, unique=True)
    country: Series[str] = pa.Field(isin=["DE", "FR", "JP"])

class Orders(pa.DataFrameModel):
    customer_id: Series[int] = pa.Field(ge=1)
    amount: Series[float] = pa.Field(gt=0, le=500, nullable=True)

class Totals(pa.DataFrameModel):
    country: Series[str]
    amount: Series[float] = pa.Field(ge=0)

@ab.table(schema=Customers, landing="customers.csv")
def customers(landing) -> pd.DataFrame:
    return pd.read_csv(landing)

@ab.table(schema=Orders, landing="orders.csv")
def orders(landing) -> pd.DataFrame:
    return pd.read_csv(landing)

@ab.table(landing="notes.csv")
def notes(landing) -> pd.DataFrame:
    return pd.read_csv(landing)
"""
TOTALS = [
    "import assetbook as ab\nfrom assets.shop import Totals",
    """
    both = ab.load("orders").merge(ab.load("customers"), on="customer_id")
    totals = both.groupby("country", as_index=False)["amount"].sum()
    """,
    'ab.save("totals", totals, schema=Totals)',
]


@pytest.fixture
def shop(workspace: Any) -> Any:
    """A workspace with two tables that have schemas, one that has none, and no data."""
    workspace.write("assets/shop.py", SHOP)
    return workspace


@pytest.fixture
def bench(shop: Any) -> Iterator[Callable[..., Any]]:
    """Open a bench for the workspace that the test has written."""
    from assetbook.testing.bench import Bench

    opened = []

    def open_bench(**options: Any) -> Bench:
        opened.append(Bench.open(shop.root, **options))
        return opened[-1]

    yield open_bench
    for each in opened:
        shutil.rmtree(each.folder, ignore_errors=True)


@pytest.fixture
def attempt(bench: Callable[..., Any]) -> Callable[..., Any]:
    """Try one notebook of the workspace that the test has written."""

    def call(name: str, *, rows: int = 100, keep: bool = False, **options: Any) -> Any:
        opened = bench(rows=rows, keep=keep)
        (contract,) = opened.named([name])
        return opened.trial(contract, **options)

    return call


@pytest.fixture
def fill(shop: Any) -> Callable[..., Lake]:
    """Put tables into the workspace's lake, as runs of it would."""
    lake = Lake(shop.root / "data" / "lake")

    def call(name: str, frame: pd.DataFrame, *, partition: str | None = None, **stamp: str) -> Lake:
        staged = lake.stage(name, frame, group="raw", run_id="earlier", partition=partition)
        lake.publish([staged], stamp={"run_id": "earlier", **stamp})
        return lake

    return call
