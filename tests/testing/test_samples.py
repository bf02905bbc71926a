"""Rows that are kept in tests/inputs: written from the lake, and then all that trials look at."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.testing.conftest import TOTALS

PEOPLE = """
import pandas as pd
import pandera.pandas as pa
import assetbook as ab

class People(pa.DataFrameModel):
    name: pa.typing.Series[str] = pa.Field(metadata={"sensitive": True})

@ab.table(schema=People, landing="people.csv")
def people(landing) -> pd.DataFrame:
    return pd.read_csv(landing)

@ab.table(landing="{month}.csv", partitions={"month": "monthly from 2024-01 to 2024-09"})
def visits(landing, month: str) -> pd.DataFrame:
    return pd.read_csv(landing)
"""


@pytest.fixture
def filled(shop, fill):
    fill("customers", pd.DataFrame({"customer_id": range(1, 4001), "country": ["DE", "FR"] * 2000}))
    fill("orders", pd.DataFrame({"customer_id": [*range(1, 4001)] * 2, "amount": [1.0] * 8000}))
    shop.notebook("totals", TOTALS)
    return shop


def _files(root):
    folder = root / "tests" / "inputs"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_is_kept_is_all_that_is_looked_at(filled, bench, attempt, fill):
    opened = bench(rows=100)
    opened.save_inputs(opened.contracts)
    assert _files(filled.root) == {"customers.parquet", "orders.parquet"}
    fill("customers", pd.DataFrame({"customer_id": [1], "country": ["JP"]}))
    trial = attempt("totals")
    assert [i.text for i in trial.inputs] == [
        "customers: 100 rows, of tests/inputs",
        "orders: 100 rows, of tests/inputs",
    ]
    assert trial.tables["totals"]["amount"].sum() == 100
    (filled.root / "tests" / "inputs" / "orders.parquet").unlink()
    assert [i.made for i in attempt("totals").inputs] == [False, True]


def test_partitions_are_files_and_sensitive_tables_are_not_kept(shop, bench, attempt, fill):
    shop.write("assets/people.py", PEOPLE)
    for month in ("2024-03", "2024-04"):
        fill("visits", pd.DataFrame({"month": [month]}, index=pd.Index(["x"], name="key")), partition=month)
    fill("people", pd.DataFrame({"name": ["Ann"]}))
    shop.notebook(
        "all", ['import assetbook as ab\nab.load("people")\nab.save("everything", ab.load("visits"))']
    )
    cells = [
        'import assetbook as ab\nab.asset(partitions={"month": "like visits"})',
        'here = ab.load("visits", partition=month)',
    ]
    shop.notebook("one", [*cells, 'ab.save("one", here)'], parameters='month: str = "2024-01"')
    opened = bench()
    opened.save_inputs(opened.contracts)
    assert _files(shop.root) == {"visits/2024-03.parquet", "visits/2024-04.parquet"}
    trial = attempt("all")
    assert trial.tables["everything"]["month"].tolist() == ["2024-03", "2024-04"]
    assert trial.tables["everything"].index.name == "key"
    assert [i.made for i in trial.inputs] == [True, False]
    assert attempt("one").partition == "2024-04"


def test_a_file_that_is_no_parquet_is_named(filled, attempt):
    filled.write("tests/inputs/orders.parquet", "customer_id,amount")
    trial = attempt("totals")
    assert trial.status == "failed"
    assert "tests/inputs/orders.parquet is no Parquet file" in trial.message
