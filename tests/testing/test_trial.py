"""A trial of one notebook: what passes, what fails and where, and that nothing real is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.testing.conftest import TOTALS

NOISE = """
import numpy as np
import pandas as pd
import assetbook as ab
ab.save("noise", pd.DataFrame({"n": range(5), "value": np.random.normal(size=5)}))
"""


def test_a_notebook_passes_on_rows_made_from_the_schemas_of_its_inputs(shop, attempt):
    shop.notebook("totals", TOTALS)
    trial = attempt("totals")
    assert (trial.status, trial.message, trial.warnings) == ("passed", "", ())
    assert trial.rows == {"totals": 3}
    assert set(trial.tables["totals"]["country"]) == {"DE", "FR", "JP"}  # made tables can be joined
    assert [(i.name, i.rows, i.made) for i in trial.inputs] == [
        ("customers", 100, True),
        ("orders", 100, True),
    ]
    assert trial.checks == {"schema": True}
    assert trial.results == ("totals 3 rows",)


def test_nothing_of_the_workspace_is_touched_and_the_folder_goes(shop, bench):
    shop.notebook("totals", TOTALS)
    before = sorted(shop.root.rglob("*"))
    opened = bench(rows=50)
    (contract,) = opened.contracts
    assert opened.trial(contract).ok
    assert opened.folder.is_dir()
    opened.close()
    assert not opened.folder.exists()
    new = {path.relative_to(shop.root) for path in shop.root.rglob("*")} - {
        path.relative_to(shop.root) for path in before
    }
    own = {path for path in new if "__pycache__" not in path.parts}
    assert own <= {Path("data"), Path("data/cache"), Path("data/cache/contracts.json")}


def test_a_failing_cell_is_named_and_its_folder_kept(shop, bench):
    shop.notebook("wrong", ["x = 1", "y = x\nz = y / 0"])
    opened = bench()
    trial = opened.trial(opened.contracts[0])
    opened.close()
    assert trial.status == "failed"
    assert trial.message.startswith(
        "notebooks/wrong.ipynb, cell 2, line 2: ZeroDivisionError: division by zero"
    )
    assert "→ 2 z = y / 0" in trial.message
    assert (trial.folder / "first" / "notebook.ipynb").is_file()


def test_what_a_failing_notebook_was_given_is_said(shop, attempt):
    shop.notebook("wrong", ['import assetbook as ab\nab.load("orders")["nothing"]'])
    message = attempt("wrong").message
    assert "orders: 100 rows, made from its schema" in message
    assert "What a schema allows, the notebook must take" in message


def test_a_table_that_violates_its_schema_is_named(shop, attempt):
    cells = [TOTALS[0], 'import pandas as pd\nbad = pd.DataFrame({"country": ["DE"], "amount": [-1.0]})']
    shop.notebook("totals", [*cells, 'ab.save("totals", bad, schema=Totals)'])
    trial = attempt("totals")
    assert trial.status == "failed"
    assert (
        "notebooks/totals.ipynb, cell 3, line 1: SchemaError: Table 'totals' does not meet Totals"
        in trial.message
    )
    assert "amount: greater_than_or_equal_to(0), found -1" in trial.message


@pytest.mark.parametrize(
    ("cell", "told", "cause"),
    [
        (NOISE, "noise: the second run gave other values of value.\n  row 0: value ", "(AB401)"),
        (
            "import pandas as pd\nimport assetbook as ab\n"
            'ab.save("noise", pd.DataFrame({"at": [pd.Timestamp.now()]}))',
            "noise: the second run gave other values of at.\n  row 0: at ",
            "(AB403)",
        ),
        (
            "import os\nimport pandas as pd\nimport assetbook as ab\nn = os.getpid() % 1000 + 1\n"
            'ab.save("noise", pd.DataFrame({"n": range(n)}))',
            "noise: the second run gave ",
            "`assetbook check` knows no cause",
        ),
        (
            "import os\nimport pandas as pd\nimport assetbook as ab\n"
            'ab.save("noise", pd.DataFrame({f"n{os.getpid()}": [1]}))',
            "noise: the second run gave other columns: ",
            "knows no cause",
        ),
    ],
)
def test_a_second_run_that_gives_something_else_is_found(shop, attempt, cell, told, cause):
    shop.notebook("noise", [cell])
    trial = attempt("noise")
    assert trial.status == "failed"
    assert trial.message.startswith(told)
    assert cause in trial.message
    assert attempt("noise", again=False).ok


def test_rows_in_another_order_are_told_from_other_rows(shop, attempt):
    cell = """
    import uuid
    import pandas as pd
    import assetbook as ab
    rows = pd.DataFrame({"n": range(50)}).sample(frac=1, random_state=uuid.uuid4().int % 2**32)
    ab.save("shuffled", rows.reset_index(drop=True))
    """
    shop.notebook("shuffled", [cell])
    message = attempt("shuffled").message
    assert message.startswith(
        "shuffled: the second run gave the same rows in another order. Sort them before ab.save."
    )


def test_a_report_is_compared_by_what_its_cells_show(shop, attempt):
    harmless = """
    import datetime
    import time
    from uuid import uuid4

    from IPython.display import HTML, SVG, display

    display(SVG(f'<svg xmlns="http://www.w3.org/2000/svg" id="{uuid4()}"/>'), HTML(f"<p id='x{time.time()}'>1</p>"))
    print(object(), datetime.datetime.now())
    print(f"{time.time() % 7:.3f} s")
    """
    shop.notebook("steady", [harmless, "1 + 1"])
    assert attempt("steady").results == ("report",)
    shop.notebook("moody", ["import os\nprint(os.getpid(), 'min')"])
    trial = attempt("moody")
    assert trial.status == "failed"
    assert trial.message.startswith("moody, cell 1: the second run showed something else.\n  ")


def test_a_check_that_fails_on_a_sample_is_a_warning_unless_strict(shop, attempt):
    cell = """
    import pandas as pd
    import assetbook as ab
    ab.check("large", False, description="At least a million rows.")
    ab.check("nice", False, blocking=False)
    ab.save("little", pd.DataFrame({"n": [1]}))
    """
    shop.notebook("little", [cell])
    trial = attempt("little")
    told = "check large on 'little', cell 1, line 3: At least a million rows: fails on this sample."
    assert (trial.status, trial.warnings) == ("passed", (told,))
    assert trial.checks == {"large": False, "nice": False}
    trial = attempt("little", strict=True)
    assert (trial.status, trial.message) == ("failed", told)


def test_a_broken_contract_fails_with_its_message(shop, attempt):
    shop.notebook("broken", ['import assetbook as ab\nab.load("odrers")'])
    trial = attempt("broken")
    assert trial.status == "failed"
    assert "loads 'odrers', which no notebook or Python asset gives. Did you mean 'orders'?" in trial.message
    shop.notebook("computed", ["import assetbook as ab\nname = input()\nab.load(name)"])
    assert "computed.ipynb, cell 1, line 3" in attempt("computed").message


def test_a_kernel_that_does_not_exist_is_a_failure(shop, attempt):
    shop.notebook("alien", ["1"], kernelspec={"name": "fortran", "display_name": "Fortran"})
    trial = attempt("alien")
    assert trial.status == "failed"
    assert "fortran" in trial.message


def test_an_output_that_is_never_saved_is_a_failure(shop, attempt):
    shop.notebook("late", ['import assetbook as ab\nif 1 > 2:\n    ab.save("late", None)'])
    assert "the run never came there" in attempt("late").message


def test_parameters_and_inputs_can_be_given(shop, attempt):
    cells = ['import assetbook as ab\nfound = ab.load("notes")', 'ab.save("kept", found.head(most))']
    shop.notebook("kept", cells, parameters="most: int = 2\ntoken: str = 'none'")
    trial = attempt("kept", inputs={"notes": pd.DataFrame({"n": range(9)})}, parameters={"most": 4})
    assert trial.rows == {"kept": 4}
    assert trial.parameters == {"most": 4, "token": "none"}
    assert [i.text for i in trial.inputs] == ["notes: 9 rows, as given"]


def test_secrets_are_not_written_down(shop, attempt):
    cell = 'import assetbook as ab\nab.asset(secrets=["token"])\nraise ValueError("not with " + token)'
    shop.notebook("closed", [cell], parameters="token: str = 'default-token'")
    trial = attempt("closed", parameters={"token": "hunter2-hunter2"})
    assert "hunter2" not in trial.message
    assert "hunter2" not in json.dumps(trial.as_json())
    assert "hunter2" not in (trial.folder / "first" / "notebook.ipynb").read_text()


def test_many_outputs_of_many_kinds(shop, attempt):
    cell = """
    import pandas as pd
    import polars as pl
    import assetbook as ab
    from sklearn.linear_model import LinearRegression

    ab.save("one", pl.DataFrame({"n": [1, 2], "c": pl.Series(["a", None], dtype=pl.Categorical)}))
    ab.save("two", pd.DataFrame({"n": [1]}, index=pd.Index(["x"], name="key")))
    ab.save("none", pd.DataFrame({"n": pd.Series([], dtype="int64")}))
    ab.save_model("line", LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), sample=[[1.0]], metrics={"r2": 1.0})
    """
    shop.notebook("many", [cell])
    trial = attempt("many")
    assert (trial.status, trial.message) == ("passed", "")
    assert trial.rows == {"one": 2, "two": 1, "none": 0}
    assert trial.models == ("line",)
    assert trial.metrics == {"r2": 1.0}
    assert trial.tables["two"].index.name == "key"
    assert trial.warnings == ("none has no rows: nothing in its columns was tried.",)


def test_a_model_that_comes_out_otherwise_is_found(shop, attempt):
    cell = """
    import numpy as np
    import assetbook as ab
    from sklearn.linear_model import LinearRegression

    y = np.random.normal(size=2)
    ab.save_model("line", LinearRegression().fit([[1.0], [2.0]], y), sample=[[1.0]])
    """
    shop.notebook("line", [cell])
    message = attempt("line").message
    assert message.startswith(
        "line: the second fit gave another model than the first.\nLikely from\n  cell 1, line 5: "
    )


def test_values_of_sensitive_columns_are_not_shown(shop, attempt):
    shop.write(
        "assets/people.py",
        """
        import pandera.pandas as pa

        class People(pa.DataFrameModel):
            name: pa.typing.Series[str] = pa.Field(metadata={"sensitive": True})
        """,
    )
    cell = """
    import uuid
    import pandas as pd
    import assetbook as ab
    from assets.people import People
    ab.save("people", pd.DataFrame({"name": ["person-" + uuid.uuid4().hex]}), schema=People)
    """
    shop.notebook("people", [cell])
    message = attempt("people").message
    assert "the second run gave other values of name.\n  row 0: name •••" in message
    assert "person-" not in message


def test_a_second_run_that_fails_is_told_as_such(shop, attempt):
    cell = (
        "from pathlib import Path\nmark = Path('ran')\nassert not mark.exists(), 'ran before'\nmark.touch()"
    )
    shop.notebook("once", [cell])
    message = attempt("once").message
    assert message.startswith(
        "once: a second run on the same inputs failed.\nnotebooks/once.ipynb, cell 1, line 3: "
    )


def test_the_order_of_a_set_is_found(shop, attempt):
    cell = """
    import pandas as pd
    import assetbook as ab
    ab.save("names", pd.DataFrame({"name": list({f"n{n}" for n in range(40)})}))
    """
    shop.notebook("names", [cell])
    trial = attempt("names")
    assert trial.message == (
        "names: the second run gave the same rows in another order. Sort them before ab.save.\n"
        "Likely from\n  cell 1, line 3: a set has another order in each process. Sort it."
    )
