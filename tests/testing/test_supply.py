"""What a notebook is given: rows of the lake, what other notebooks give, made rows, or nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from assetbook.errors import ParameterError, WorkspaceError
from tests.testing.conftest import TOTALS

READS = 'import assetbook as ab\nab.save("seen", ab.load("{0}"))'
MONTHLY = """
import pandas as pd
import assetbook as ab

@ab.table(landing="{month}.csv", partitions={"month": "monthly from 2024-01 to 2024-09"})
def visits(landing, month: str) -> pd.DataFrame:
    return pd.read_csv(landing)
"""


def _origins(trial):
    return {each.name: each.origin for each in trial.inputs}


def test_rows_of_the_lake_go_before_made_ones_and_stay_joined(shop, attempt, fill):
    shop.notebook("totals", TOTALS)
    customers = pd.DataFrame({"customer_id": range(1, 5001), "country": ["DE", "FR"] * 2500})
    orders = pd.DataFrame({"customer_id": [*range(1, 5001)] * 2, "amount": [1.0] * 10_000})
    fill("customers", customers)
    fill("orders", orders)
    trial = attempt("totals")
    assert _origins(trial) == {
        "customers": "of 5,000 in the lake, chosen by customer_id",
        "orders": "of 10,000 in the lake, chosen by customer_id",
    }
    assert trial.inputs[0].rows == 100
    assert trial.tables["totals"]["amount"].sum() == 100  # every order that was taken has its customer
    assert attempt("totals").tables["totals"].equals(trial.tables["totals"])


def test_small_tables_are_taken_whole_and_empty_ones_too(shop, attempt, fill):
    fill("notes", pd.DataFrame({"n": pd.Series([], dtype="int64")}))
    shop.notebook("seen", [READS.format("notes")])
    trial = attempt("seen")
    assert trial.status == "passed"
    assert trial.rows == {"seen": 0}
    fill("notes", pd.DataFrame({"n": range(1000)}))
    assert attempt("seen").rows == {"seen": 1000}


def test_without_rows_and_schema_it_is_skipped(shop, attempt):
    shop.notebook("seen", [READS.format("notes")])
    trial = attempt("seen")
    assert (trial.status, trial.ok) == ("skipped", True)
    assert trial.message == (
        "there is nothing to load as 'notes'. Run `assetbook run notes` first, or declare a schema for it."
    )


def test_what_a_notebook_gives_is_the_input_of_the_next(shop, attempt):
    shop.notebook("totals", TOTALS)
    shop.notebook(
        "after", ['import assetbook as ab\nab.save("largest", ab.load("totals").nlargest(1, "amount"))']
    )
    trial = attempt("after")
    assert trial.rows == {"largest": 1}
    assert _origins(trial) == {"totals": "as notebooks/totals.ipynb gives it here"}


def test_rows_that_older_code_has_made_are_not_taken(shop, attempt, fill, bench):
    shop.notebook("totals", TOTALS)
    shop.notebook("after", ['import assetbook as ab\nab.save("seen", ab.load("totals"))'])
    old = pd.DataFrame({"country": ["XX"], "amount": [1.0]})
    fill("totals", old, code_version="older")
    assert _origins(attempt("after")) == {"totals": "as notebooks/totals.ipynb gives it here"}
    (contract,) = bench().named(["totals"])
    fill("totals", old.assign(amount=2.0), code_version=contract.code_version)
    assert _origins(attempt("after")) == {"totals": "all of the lake's"}


def test_where_the_notebook_before_fails_its_schema_helps_or_the_trial_is_skipped(shop, attempt):
    shop.notebook("totals", [TOTALS[0], "1 / 0", "totals = None", TOTALS[2]])
    shop.notebook("after", ['import assetbook as ab\nab.save("seen", ab.load("totals"))'])
    trial = attempt("after")
    assert (trial.status, _origins(trial)) == ("passed", {"totals": "made from its schema"})
    shop.notebook("totals", ["import assetbook as ab", "1 / 0", 'ab.save("totals", None)'])
    trial = attempt("after")
    assert trial.status == "skipped"
    assert trial.message.startswith("there is nothing to load as 'totals': notebooks/totals.ipynb fails.")


def test_a_model_is_handed_on(shop, attempt):
    fit = """
    import assetbook as ab
    from sklearn.linear_model import LinearRegression

    ab.save_model("line", LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), sample=[[1.0]])
    """
    use = """
    import pandas as pd
    import assetbook as ab

    ab.save("answers", pd.DataFrame({"y": ab.load("line").predict([[3.0]])}))
    """
    shop.notebook("fit", [fit])
    shop.notebook("use", [use])
    trial = attempt("use")
    assert trial.tables["answers"]["y"].round(6).tolist() == [3.0]
    assert _origins(trial) == {"line": "as notebooks/fit.ipynb fits it here"}


class TestPartitions:
    """Which partitions are taken, and which one a notebook runs for."""

    CELLS = (
        'import assetbook as ab\nab.asset(partitions={"month": "like visits"})',
        'ab.save("here", ab.load("visits", partition=month))',
    )

    @pytest.fixture
    def visits(self, shop, fill):
        shop.write("assets/visits.py", MONTHLY)
        for month in ("2024-03", "2024-04", "2024-05"):
            fill("visits", pd.DataFrame({"month": [month] * 20}), partition=month)
        return shop

    def test_the_default_is_tried_where_it_is_there(self, visits, attempt):
        visits.notebook("here", list(self.CELLS), parameters='month: str = "2024-04"')
        trial = attempt("here")
        assert trial.title == "here[2024-04]"
        assert set(trial.tables["here"]["month"]) == {"2024-04"}

    def test_else_the_newest_that_is_there(self, visits, attempt):
        visits.notebook("here", list(self.CELLS), parameters='month: str = "2024-01"')
        assert attempt("here").partition == "2024-05"

    def test_a_given_key_goes_before(self, visits, attempt):
        visits.notebook("here", list(self.CELLS), parameters='month: str = "2024-04"')
        assert attempt("here", parameters={"month": "2024-03"}).partition == "2024-03"

    def test_the_whole_of_a_table_keeps_its_partitions(self, visits, attempt):
        visits.notebook("here", list(self.CELLS), parameters='month: str = "2024-04"')
        visits.notebook("all", ['import assetbook as ab\nab.save("everything", ab.load("visits"))'])
        assert attempt("all").tables["everything"]["month"].nunique() == 3

    def test_partitions_that_another_notebook_must_give_are_given(self, visits, attempt):
        visits.notebook("here", list(self.CELLS), parameters='month: str = "2024-04"')
        visits.notebook("all", ['import assetbook as ab\nab.save("everything", ab.load("here"))'])
        trial = attempt("all")
        assert (trial.status, trial.message) == ("passed", "")
        assert set(trial.tables["everything"]["month"]) == {"2024-03", "2024-04", "2024-05"}


def test_mistakes_are_refused(shop, bench, attempt):
    shop.notebook("totals", TOTALS)
    with pytest.raises(WorkspaceError, match=r"There is no notebook 'total'\. Did you mean 'totals'\?"):
        bench().named(["total"])
    with pytest.raises(WorkspaceError, match="'orders' is no notebook"):
        bench().named(["orders"])
    with pytest.raises(WorkspaceError, match=r"totals.ipynb does not load 'order'\. Did you mean 'orders'\?"):
        attempt("totals", inputs={"order": None})
    with pytest.raises(ParameterError, match="There is no parameter 'x'"):
        attempt("totals", parameters={"x": 1})


def test_a_sample_keeps_index_categories_and_dtypes(shop, attempt, fill):
    kind = pd.Categorical(["a", "b"] * 1000, categories=["b", "a", "c"], ordered=True)
    index = pd.Index([f"n{n}" for n in range(2000)], name="key")
    fill("notes", pd.DataFrame({"n": pd.array([1, None] * 1000, dtype="Int64"), "kind": kind}, index=index))
    cell = """
    import assetbook as ab
    notes = ab.load("notes")
    assert notes.index.name == "key" and list(notes.columns) == ["n", "kind"]
    assert list(notes["kind"].cat.categories) == ["b", "a", "c"] and notes["kind"].cat.ordered
    ab.save("seen", notes)
    """
    shop.notebook("seen", [cell])
    trial = attempt("seen")
    assert trial.message == ""
    assert trial.rows == {"seen": 100}
    assert str(trial.tables["seen"]["n"].dtype) == "Int64"
    assert list(trial.tables["seen"].index) == sorted(
        trial.tables["seen"].index, key=lambda name: int(name[1:])
    )


def test_the_registry_goes_before_a_new_fit(shop, attempt, tmp_path):
    import dagster as dg

    from tests.platform.space import Space

    fit = """
    import assetbook as ab
    from sklearn.linear_model import LinearRegression

    ab.save_model("line", LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), sample=[[1.0]])
    """
    shop.write("with_mlflow", "")
    shop.notebook("fit", [fit])
    shop.notebook("use", ['import assetbook as ab\nab.metric("slope", float(ab.load("line").coef_[0]))'])
    assert _origins(attempt("use", again=False)) == {"line": "as notebooks/fit.ipynb fits it here"}
    assert not (shop.root / "data" / "mlflow").exists()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert Space(shop.root, instance).run("line").success
    trial = attempt("use", again=False)
    assert (trial.message, _origins(trial)) == ("", {"line": "version 1 of the registry"})
    shop.notebook("fit", [fit.replace("[1.0, 2.0])", "[1.0, 3.0])")])
    trial = attempt("use", again=False)
    assert _origins(trial) == {"line": "as notebooks/fit.ipynb fits it here"}
    assert round(trial.metrics["slope"], 6) == 2.0


def test_a_registry_that_cannot_be_had_is_a_failure_of_those_that_need_it(shop, attempt):
    fit = 'import assetbook as ab\nab.save_model("line", None)'
    shop.write("with_mlflow", "")
    shop.write("data/mlflow/mlflow.db", "this is no database")
    shop.notebook("fit", [fit])
    shop.notebook("use", ['import assetbook as ab\nab.metric("slope", float(ab.load("line").coef_[0]))'])
    trial = attempt("use")
    assert trial.status == "failed"
    assert "MLflow at sqlite:///" in trial.message
    assert attempt("fit").message.startswith("notebooks/fit.ipynb, cell 1, line 2: SessionError")
