"""What becomes of a notebook, told without running it."""

from __future__ import annotations

import pytest

from assetbook.contract import read_contract
from assetbook.errors import ContractError, WorkspaceError
from assetbook.promotion.plan import Rejected, describe, make_plan
from assetbook.promotion.request import make_request

from .conftest import source_of

PD = "import pandas as pd"


def contract_of(plan, tmp_path):
    path = tmp_path / "promoted.ipynb"
    path.write_bytes(plan.content())
    contract = read_contract(path, root=tmp_path)
    assert not contract.problems, contract.problems
    return contract


# ---- what is read


@pytest.mark.parametrize(
    "read",
    [
        'pd.read_csv("sales.csv")',
        'pd.read_csv("/home/ana/shop/sales.csv")',
        'pd.read_csv("sales.csv", index_col="id")',
        'pd.read_csv("sales.csv", usecols=["id", "city"], dtype={"id": str})',
        'pd.read_csv(filepath_or_buffer="sales.csv", nrows=2)',
    ],
)
def test_a_table_is_loaded(stranger, tmp_path, read):
    stranger.file("sales.csv")
    plan = stranger.plan(PD, f"df = {read}\ndf.head()")
    assert 'df = ab.load("raw_sales")' in source_of(plan)
    source = plan.sources["raw_sales"]
    assert source.landing == "sales/sales.csv"
    assert source.reader == read.replace('filepath_or_buffer="sales.csv"', "landing").replace(
        '"/home/ana/shop/sales.csv"', "landing"
    ).replace('"sales.csv"', "landing")
    assert [item.name for item in contract_of(plan, tmp_path).inputs] == ["raw_sales"]


@pytest.mark.parametrize(
    ("setup", "read"),
    [
        ("", 'pd.read_csv("sales.csv", chunksize=2)'),
        ("", 'pd.read_csv("sales.csv", header=[0, 1])'),
        ("", 'pd.read_csv("sales.csv", converters={"city": lambda text: text.upper()})'),
        ("", 'open("sales.csv").read()'),
        ("import numpy as np", 'np.genfromtxt("sales.csv", delimiter=",")'),
        ("import sqlite3", 'sqlite3.connect("sales.csv")'),
        ("from pathlib import Path", 'Path("sales.csv").read_text()'),
        ("import os", 'open(os.path.join("data", "..", "sales.csv"))'),
    ],
)
def test_what_is_no_table_is_read_as_a_file(stranger, tmp_path, setup, read):
    stranger.file("sales.csv")
    plan = stranger.plan(PD, setup, f"found = {read}")
    assert 'ab.path("raw_sales")' in source_of(plan)
    assert plan.sources["raw_sales"].reader is None
    assert [item.name for item in contract_of(plan, tmp_path).inputs] == ["raw_sales"]


def test_names_of_paths_go_when_nothing_reads_them(stranger):
    stranger.file("data/sales.csv")
    plan = stranger.plan(PD, 'FOLDER = "data/"\nFILE = FOLDER + "sales.csv"', "df = pd.read_csv(FILE)")
    assert source_of(plan).split("\n")[-1] == 'df = ab.load("raw_sales")'
    assert "FOLDER" not in source_of(plan)


def test_a_folder_of_files_comes_as_a_whole(stranger, tmp_path):
    stranger.file("data/a.csv")
    stranger.file("data/b.csv")
    plan = stranger.plan(
        PD,
        "import glob",
        'both = pd.concat([pd.read_csv(path) for path in sorted(glob.glob("data/*.csv"))])',
        'names = ["a", "b"]\nagain = [pd.read_csv(f"data/{name}.csv") for name in names]',
    )
    assert """glob.glob(ab.path("sales_data") + '/*.csv')""" in source_of(plan)
    assert """f'{ab.path("sales_data")}/{name}.csv'""" in source_of(plan)
    contract_of(plan, tmp_path)


def test_a_pattern_of_files_beside_the_notebook_takes_those_files_only(stranger, tmp_path):
    for name in ("sales_1.csv", "sales_2.csv", "other.txt"):
        stranger.file(name)
    plan = stranger.plan(
        "import glob\nfrom pathlib import Path",
        'a = glob.glob("sales_*.csv")\nb = sorted(Path(".").glob("sales_*.csv"))\nc = list(Path.cwd().glob("*.txt"))',
    )
    source = source_of(plan)
    assert 'a = glob.glob(ab.path("raw_sales") + "/sales_*.csv")' in source
    assert 'b = sorted(Path(ab.path("raw_sales")).glob("sales_*.csv"))' in source
    assert [path.name for path in plan.sources["raw_sales"].only] == ["sales_1.csv", "sales_2.csv"]
    contract_of(plan, tmp_path)


def test_an_address_of_a_database_keeps_its_scheme(stranger, tmp_path):
    stranger.file("shop.db", b"SQLite")
    plan = stranger.plan(
        "from sqlalchemy import create_engine", 'engine = create_engine("sqlite:///shop.db")'
    )
    assert 'create_engine("sqlite:///" + ab.path("shop"))' in source_of(plan)
    contract_of(plan, tmp_path)


def test_files_in_a_query_come_along(stranger, tmp_path):
    stranger.file("sales.csv")
    plan = stranger.plan("import duckdb", "duckdb.sql(\"select * from 'sales.csv'\").df()")
    assert '.replace("sales.csv", ab.path("raw_sales"))' in source_of(plan)
    contract_of(plan, tmp_path)


def test_a_table_that_the_lake_has_is_loaded_from_there(stranger, tmp_path):
    import pandas as pd

    from assetbook.lake import Lake
    from assetbook.settings import Settings

    file = stranger.file("mine.csv")
    lake = Lake(Settings.load().lake)
    staged = lake.stage("shops", pd.read_csv(file), group="raw", run_id="0" * 32)
    lake.publish([staged], stamp={"run_id": "0" * 32})
    plan = stranger.plan(PD, 'df = pd.read_csv("mine.csv")')
    assert 'df = ab.load("shops")' in source_of(plan)
    assert plan.sources["shops"].landing is None


def test_files_of_the_same_name_land_apart(stranger):
    stranger.file("a/sales.csv")
    stranger.file("b/sales.csv", "other\n1\n")
    stranger.file("c/sales.csv", "third")
    plan = stranger.plan(
        PD,
        'one = pd.read_csv("a/sales.csv")\ntwo = pd.read_csv("b/sales.csv")\nthree = open("c/sales.csv").read()',
    )
    landings = [source.landing for source in plan.sources.values()]
    assert landings[0] == "sales/sales.csv"
    assert len(set(landings)) == 3


def test_a_word_that_a_file_is_called_stays_a_word(stranger):
    stranger.file("city", "x")
    stranger.file("sales.csv")
    plan = stranger.plan(PD, 'df = pd.read_csv("sales.csv")', 'df["city"].value_counts()')
    assert 'df["city"]' in source_of(plan)


def test_a_file_that_is_nowhere_is_said(stranger):
    plan = stranger.plan(PD, 'df = pd.read_csv("gone.csv")')
    assert plan.left == ("cell 2: the file gone.csv is nowhere near the notebook. Put it beside it.",)
    assert not plan.sources


# ---- what is written


@pytest.mark.parametrize(
    ("write", "saved"),
    [
        ('df.to_csv("out/by_city.csv", index=False)', 'ab.save("by_city", df)'),
        (
            'df.groupby("city").sum().to_parquet("by_city.parquet")',
            'ab.save("by_city", df.groupby("city").sum())',
        ),
        ('df.to_sql("by_city", con)', 'ab.save("by_city", df)'),
        ('df[df.sales > 1].to_excel("by_city.xlsx")', 'ab.save("by_city", df[df.sales > 1])'),
    ],
)
def test_a_table_that_is_written_is_saved(stranger, tmp_path, write, saved):
    stranger.file("sales.csv")
    plan = stranger.plan(PD, 'con = None\ndf = pd.read_csv("sales.csv")', write)
    assert source_of(plan).endswith(saved)
    assert [(o.name, o.kind) for o in contract_of(plan, tmp_path).outputs] == [("by_city", "table")]


def test_a_table_that_is_read_back_is_saved_beside(stranger):
    stranger.file("sales.csv")
    plan = stranger.plan(
        PD, 'df = pd.read_csv("sales.csv")\ndf.to_csv("clean.csv")', 'again = pd.read_csv("clean.csv")'
    )
    source = source_of(plan)
    assert "df.to_csv(f'{scratch}/clean.csv')\nab.save(\"sales_clean\", df)" in source
    assert "again = pd.read_csv(f'{scratch}/clean.csv')" in source


def test_other_files_are_kept_as_files(stranger, tmp_path):
    plan = stranger.plan(
        "import json", 'with open("out/numbers.json", "w") as file:\n    json.dump({"a": 1}, file)'
    )
    source = source_of(plan)
    assert "scratch = tempfile.mkdtemp()" in source
    assert 'os.makedirs(f"{scratch}/out")' in source
    assert "with open(f'{scratch}/out/numbers.json', \"w\") as file:" in source
    assert source.endswith('ab.save("numbers", read_files(Path(scratch, "out/numbers.json")))')
    contract_of(plan, tmp_path)


FIT = """from sklearn.linear_model import LinearRegression
X, y = [[1], [2]], [1, 2]
model = LinearRegression().fit(X, y)"""


@pytest.mark.parametrize(
    "dump",
    [
        'import joblib\njoblib.dump(model, "price.joblib")',
        'import pickle\npickle.dump(model, open("price.pkl", "wb"))',
        'import pickle\nwith open("price.pkl", "wb") as f:\n    pickle.dump(model, f)',
    ],
)
def test_a_model_that_is_dumped_is_saved(stranger, tmp_path, dump):
    plan = stranger.plan(FIT, dump)
    assert source_of(plan).endswith('ab.save_model("price", model, sample=X[:5])')
    assert [(o.name, o.kind) for o in contract_of(plan, tmp_path).outputs] == [("price", "model")]


def test_a_model_that_is_never_saved_is_proposed(stranger):
    plan = stranger.plan(FIT, "print(model.coef_)")
    assert source_of(plan).endswith('ab.save_model("sales_model", model, sample=X[:5])')


def test_the_last_table_is_proposed_where_nothing_is_saved(stranger):
    stranger.file("sales.csv")
    plan = stranger.plan(
        PD, 'df = pd.read_csv("sales.csv")', 'by_city = df.groupby("city").sum().reset_index()', "by_city"
    )
    assert source_of(plan).endswith('ab.save("by_city", by_city)')


def test_without_a_result_it_is_a_report(stranger):
    plan = stranger.plan("print(1)")
    assert describe(plan)["outputs"] == [{"name": "sales", "kind": "report"}]
    assert plan.diff() == []


def test_a_figure_is_shown_and_not_written(stranger):
    plt = "import matplotlib.pyplot as plt"
    plan = stranger.plan(
        plt, 'plt.plot([1])\nplt.savefig("a.png")\nplt.show()', 'plt.plot([2])\nplt.savefig("b.png")'
    )
    assert "plt.plot([1])\nplt.show()\nplt.plot([2])\nplt.show()" in source_of(plan)


def test_a_file_that_is_added_to_begins_with_what_it_holds(stranger):
    stranger.file("log.csv")
    plan = stranger.plan(PD, 'pd.DataFrame({"a": [1]}).to_csv("log.csv", mode="a", header=False)')
    source = source_of(plan)
    assert 'shutil.copy(ab.path("log"), f"{scratch}/log.csv")' in source
    assert ".to_csv(f'{scratch}/log.csv', mode=\"a\", header=False)" in source
    assert [(product.kind, name) for name, product in plan.products.items()] == [("files", "sales_log")]


def test_what_an_archive_is_unpacked_into_belongs_to_the_run(stranger):
    stranger.file("all.zip", b"PK")
    plan = stranger.plan(
        "import zipfile, pandas as pd",
        'zipfile.ZipFile("all.zip").extractall("data")',
        'pd.read_csv("data/a.csv")',
    )
    assert "extractall(f'{scratch}/data')" in source_of(plan)
    assert "pd.read_csv(f'{scratch}/data/a.csv')" in source_of(plan)


# ---- what is a parameter


def test_knobs_become_parameters_and_other_constants_stay(stranger, tmp_path):
    plan = stranger.plan(
        "THRESHOLD = 0.4  # who counts\nstart_date = '2020-01-01'\nCOLUMN = 'city'\ntotal = 0\nNAMES = {'a': 1}",
        "for i in range(3):\n    total += THRESHOLD\nprint(start_date, COLUMN, NAMES, total)",
    )
    contract = contract_of(plan, tmp_path)
    assert [(p.name, str(p.type), p.default, p.description) for p in contract.parameters] == [
        ("THRESHOLD", "float", 0.4, "who counts"),
        ("start_date", "str", "2020-01-01", None),
    ]
    assert "THRESHOLD = 0.4" not in source_of(plan)


def test_arguments_become_parameters_where_they_are_the_same_everywhere(stranger):
    split = "train_test_split(X, y, test_size=0.2, random_state={})"
    plan = stranger.plan(
        "from sklearn.model_selection import train_test_split\nX, y = [1] * 9, [2] * 9",
        f"a = {split.format(1)}\nb = {split.format(2)}",
    )
    assert [knob.name for knob in plan.knobs.values()] == ["test_size"]
    assert "test_size=test_size, random_state=1" in source_of(plan)


def test_a_name_that_a_function_has_as_well_is_no_parameter(stranger):
    plan = stranger.plan(
        "def f(test_size):\n    return g(test_size=0.2)", "def g(test_size):\n    return test_size\nf(1)"
    )
    assert not plan.knobs


def test_parameters_of_the_author_are_left_alone(stranger):
    request = stranger.request("SIZE = 3", "print(SIZE)")
    request.notebook.raw["cells"][0]["metadata"]["tags"] = ["parameters"]
    cells = request.notebook.cells
    tagged = (
        type(cells[0])(cells[0].number, "code", cells[0].source, frozenset({"parameters"}), 0),
        *cells[1:],
    )
    object.__setattr__(request.notebook, "cells", tagged)
    assert make_plan(request).diff() == []


# ---- chance, order, machines


def test_what_is_random_gets_a_seed(stranger):
    plan = stranger.plan(
        "import numpy as np\nfrom sklearn.cluster import KMeans",
        "X = np.random.normal(size=(9, 1))\nrng = np.random.default_rng()\nk = KMeans(2)",
    )
    source = source_of(plan)
    assert "numpy.random.seed(seed)" in source
    assert "np.random.default_rng(seed)" in source
    assert "KMeans(2, random_state=seed)" in source
    assert list(plan.knobs) == ["seed"]


def test_cells_come_into_the_order_in_which_they_were_run(stranger):
    plan = stranger.plan("print(total)", "total = 3", counts=[2, 1])
    assert source_of(plan) == "total = 3\nprint(total)"
    assert plan.diff() == ["@@ cell 2, moved @@"] or plan.diff() == ["@@ cell 1, moved @@"]


def test_cells_come_into_the_order_in_which_names_are_defined(stranger):
    plan = stranger.plan("print(total)", "other = 1", "total = other + 2")
    assert source_of(plan) == "other = 1\ntotal = other + 2\nprint(total)"


def test_a_cell_that_nobody_has_run_and_that_cannot_run_goes(stranger):
    plan = stranger.plan("x = 1", "fees.plot(", counts=[1, None])
    assert source_of(plan) == "x = 1"


def test_what_the_machine_needs_goes(stranger):
    plan = stranger.plan(
        "!pip install pandas\n%pip install numpy\nimport os\n%matplotlib notebook\nx = 1",
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "!ls\nos.chdir('data')\n%cd ..",
        "!pip install surely-not-there==1.0",
    )
    assert source_of(plan) == "import os\n%matplotlib inline\nx = 1"
    assert plan.packages == ("surely-not-there==1.0",)


def test_how_a_notebook_finds_out_where_it_is_stays(stranger):
    code = "try:\n    import google.colab\n    there = True\nexcept ImportError:\n    there = False"
    assert source_of(stranger.plan(code)) == code


def test_scripts_that_are_run_come_along(stranger):
    stranger.file("prepare.py", "x = 1\n")
    plan = stranger.plan("%run prepare.py\nx")
    assert source_of(plan) == "%run notebooks/_scripts/prepare.py\nx"
    assert plan.scripts == {"notebooks/_scripts/prepare.py": stranger.folder / "prepare.py"}


def test_modules_beside_the_notebook_come_along(stranger):
    stranger.file("tools.py", "from more import f\n")
    stranger.file("more/__init__.py", "def f(): ...\n")
    plan = stranger.plan("import tools\nimport tools as t\nfrom tools import f")
    assert (
        source_of(plan)
        == "from assets import tools\nfrom assets import tools as t\nfrom assets.tools import f"
    )
    assert sorted(plan.modules) == ["more", "tools"]


# ---- the plan as a whole


def test_a_notebook_without_need_of_anything_stays_as_it_is(stranger):
    plan = stranger.plan("# Title", "x = 1", "x + 1")
    assert plan.diff() == []
    assert plan.changes == ()


def test_planning_writes_nothing_and_says_the_same_again(stranger):
    stranger.file("sales.csv")
    request = stranger.request(
        PD, 'df = pd.read_csv("sales.csv")\ndf.to_csv("x.csv")', "MAX_ROWS = 3\nprint(MAX_ROWS)"
    )
    before = sorted((p, p.stat().st_mtime_ns) for p in stranger.folder.parent.parent.rglob("*"))
    assert make_plan(request).content() == make_plan(request).content()
    assert sorted((p, p.stat().st_mtime_ns) for p in stranger.folder.parent.parent.rglob("*")) == before


def test_what_was_rejected_is_left_as_it_was(stranger):
    stranger.file("sales.csv")
    plan = stranger.plan(PD, 'df = pd.read_csv("sales.csv")')
    (change,) = (c for c in plan.changes if c.kind == "input")
    again = make_plan(plan.request, Rejected(keys=frozenset({change.key})))
    assert 'pd.read_csv(ab.path("raw_sales"))' in source_of(again)


@pytest.mark.parametrize("name", ["1x", "a b", "ä"])
def test_a_name_is_checked(stranger, name):
    path = stranger.notebook("1")
    with pytest.raises(WorkspaceError, match="begin with a letter"):
        make_request(path, stranger.root, name=name, group=None)


def test_a_name_that_dagster_keeps_for_itself_is_refused(stranger):
    with pytest.raises(WorkspaceError, match="cannot be called config"):
        make_request(stranger.notebook("1", name="config.ipynb"), stranger.root, name=None, group=None)


def test_a_text_notebook_is_promoted_from_elsewhere_only(stranger, workspace):
    text = "# %%\nx = 1\n"
    path = stranger.file("analysis.py", text)
    assert source_of(make_plan(make_request(path, stranger.root, name=None, group=None))) == "x = 1"
    inside = workspace.write("notebooks/analysis.py", text)
    with pytest.raises(WorkspaceError, match="would be one twice"):
        make_request(inside, stranger.root, name=None, group=None)


def test_a_name_that_is_taken_is_refused(stranger, workspace):
    workspace.notebook("sales", ["1"])
    path = stranger.notebook("1")
    with pytest.raises(WorkspaceError, match=r"already an asset sales, of notebooks/sales\.ipynb\. .*--name"):
        make_request(path, stranger.root, name=None, group=None)


def test_a_file_that_is_no_notebook_is_refused(stranger):
    path = stranger.file("x.ipynb", "no")
    with pytest.raises(ContractError, match="not JSON"):
        make_request(path, stranger.root, name=None, group=None)
