"""What runs again and why: Python assets of every kind, without a kernel; notebooks are in `test_runner`."""

from __future__ import annotations

import dagster as dg
import pytest

from tests.platform.planning import ran, run_plan

SALES = """
import pandas as pd
import assetbook as ab

MONTHS = {"month": "monthly from 2020-01 to 2020-03"}


@ab.table(landing="sales/sales-{month}.csv", partitions=MONTHS)
def sales(landing, month: str) -> pd.DataFrame:
    return pd.read_csv(landing)


@ab.table(landing="shops.csv")
def shops(landing) -> pd.DataFrame:
    return pd.read_csv(landing)


@ab.table(group="features", partitions={"month": "like sales"})
def clean(sales: pd.DataFrame) -> pd.DataFrame:
    return sales[sales.n > 0]
"""
TOTAL = """
import pandas as pd
import assetbook as ab


@ab.table(group="features")
def total(clean: pd.DataFrame, shops: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"n": [clean.n.sum()], "shops": [len(shops)]})
"""
PLAIN = """
import dagster as dg
import pandas as pd

@dg.asset(code_version="1")
def doubled(total: pd.DataFrame) -> pd.DataFrame:
    return total * 2

@dg.asset(code_version="1", deps=["doubled"])
def told() -> None:
    pass

@dg.asset(code_version="1", partitions_def=dg.MonthlyPartitionsDefinition("2020-01", end_date="2020-04", fmt="%Y-%m"))
def monthly(sales: pd.DataFrame) -> pd.DataFrame:
    return sales
"""


@pytest.fixture
def shop(workspace, open_space):
    """Two months of sales, shops, and what is made of them; everything has run once."""
    workspace.write("assets/sales.py", SALES)
    workspace.write("assets/total.py", TOTAL)
    workspace.write("assets/plain.py", PLAIN)
    land(workspace, "sales/sales-2020-01.csv", [1, 0])
    land(workspace, "sales/sales-2020-02.csv", [2])
    land(workspace, "shops.csv", [7, 8])
    space = open_space()
    first = ran(space)
    assert set(first.values()) == {"never materialized"}
    assert len(first) == 10
    return space


def land(workspace, name, numbers):
    workspace.write(f"data/landing/{name}", "n\n" + "".join(f"{n}\n" for n in numbers))


def test_new_and_corrected_files_run_what_is_made_of_them_and_stop_where_the_content_stays(shop, workspace):
    found = run_plan(shop)
    assert {state for state, _ in found.values()} == {"current"}
    assert all(reason.startswith("nothing changed since ") for _, reason in found.values())

    land(workspace, "sales/sales-2020-03.csv", [5])

    assert ran(shop) == {
        "sales[2020-03]": "never materialized",
        "clean[2020-03]": "never materialized",
        "monthly[2020-03]": "never materialized",
        "total": "clean changed",
        "doubled": "total changed",
        "told": "doubled changed",
    }
    assert shop.lake.read("doubled").n.tolist() == [16]
    assert ran(shop) == {}

    land(workspace, "sales/sales-2020-01.csv", [1, 0, 0])

    assert ran(shop) == {
        "sales[2020-01]": "landing file sales-2020-01.csv changed",
        "clean[2020-01]": "sales changed",
        "monthly[2020-01]": "sales changed",
    }


def test_changed_code_lost_tables_and_wiped_histories_run_again(shop, workspace):
    workspace.write("assets/total.py", TOTAL.replace("len(shops)", "shops.n.count()"))
    reload_modules()

    assert ran(shop) == {"total": "its code changed"}

    shop.lake.drop("total")
    shop.lake.drop("sales")

    assert ran(shop) == {
        "sales[2020-01]": "its table is gone from the lake",
        "sales[2020-02]": "its table is gone from the lake",
        "total": "its table is gone from the lake",
    }

    shop.instance.wipe_assets([dg.AssetKey("total")])

    assert ran(shop) == {"total": "never materialized"}
    assert ran(shop) == {}


def test_force_and_partitions_run_what_is_asked_for_and_nothing_else(shop):
    assert ran(shop, "total or shops", force=True) == {
        "shops": "asked for (--force)",
        "total": "asked for (--force)",
    }
    assert ran(shop) == {}

    assert ran(shop, "sales+", keys=["2020-02"], force=True).keys() == {
        "sales[2020-02]",
        "clean[2020-02]",
        "monthly[2020-02]",
        "total",
        "doubled",
        "told",
    }


def test_an_input_that_was_never_made_is_named_before_anything_runs(workspace, open_space):
    workspace.write("assets/sales.py", SALES)
    workspace.write("assets/total.py", TOTAL)
    land(workspace, "shops.csv", [7])
    space = open_space()

    found = run_plan(space, "total or shops")

    assert found["shops"] == ("done", "never materialized")
    assert found["total"] == ("blocked", "clean was never materialized: assetbook run +total")
    assert len(space.instance.get_runs()) == 1


def test_what_depends_on_a_failure_is_not_run_and_the_rest_is(workspace, open_space):
    workspace.write("assets/sales.py", SALES)
    workspace.write("assets/total.py", TOTAL)
    land(workspace, "sales/sales-2020-01.csv", [1])
    workspace.write("data/landing/sales/sales-2020-02.csv", "another_column\n1\n")
    land(workspace, "shops.csv", [7])
    space = open_space()

    found = run_plan(space)

    assert {title: state for title, (state, _) in found.items()} == {
        "sales[2020-01]": "done",
        "sales[2020-02]": "failed",
        "clean[2020-01]": "done",
        "clean[2020-02]": "blocked",
        "shops": "done",
        "total": "blocked",
    }
    assert found["clean[2020-02]"][1] == "sales[2020-02] failed"
    assert found["total"][1] == "clean[2020-02] could not run"


def reload_modules():
    import sys

    for name in [name for name in sys.modules if name.split(".")[0] == "assets"]:
        del sys.modules[name]
