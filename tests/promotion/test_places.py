from __future__ import annotations

import pytest

from assetbook.promotion.places import Naming, Places, slug
from assetbook.promotion.request import asset_name


@pytest.fixture
def folder(tmp_path):
    for path in ("study/nb", "study/data/raw", "study/nb/deep/er"):
        (tmp_path / path).mkdir(parents=True)
    for path in ("study/data/raw/a.csv", "study/nb/b.csv", "study/nb/deep/er/c.csv", "study/nb/Straße 1.csv"):
        (tmp_path / path).write_text("x\n1\n")
    return tmp_path / "study"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("b.csv", "nb/b.csv"),
        ("./b.csv", "nb/b.csv"),
        ("../data/raw/a.csv", "data/raw/a.csv"),
        ("data/raw/a.csv", "data/raw/a.csv"),
        ("/home/ana/study/data/raw/a.csv", "data/raw/a.csv"),
        (r"C:\Users\ana\study\nb\b.csv", "nb/b.csv"),
        ("/content/drive/MyDrive/b.csv", "nb/b.csv"),
        ("/kaggle/input/things/c.csv", "nb/deep/er/c.csv"),
        ("file:///home/ana/b.csv", "nb/b.csv"),
        ("Straße 1.csv", "nb/Straße 1.csv"),
        ("../data", "data"),
        ("/content/drive/MyDrive/study/data/raw", "data/raw"),
        ("nowhere.csv", None),
        ("/etc", None),
        ("/tmp", None),
        ("https://example.org/b.csv", None),
        ("", None),
        ("b\ncsv", None),
    ],
)
def test_a_path_is_found_wherever_it_was_written(folder, path, found):
    places = Places(folder / "nb" / "x.ipynb")
    assert places.find(path) == (folder / found if found else None)


def test_of_two_files_of_a_name_none_is_guessed(folder):
    (folder / "nb/deep/c.csv").write_text("other")
    assert Places(folder / "nb/x.ipynb").find("/kaggle/input/c.csv") is None


def test_a_changed_folder_counts(folder):
    assert (
        Places(folder / "nb/x.ipynb").find("c.csv", moved=("deep", "deep/er")) == folder / "nb/deep/er/c.csv"
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kunden Daten-2020", "kunden_daten_2020"),
        ("Straße", "strasse"),
        ("salesByMonth", "sales_by_month"),
        ("2020 sales", "table_2020_sales"),
        ("class", "table_class"),
        ("売上", "table"),
        ("été", "ete"),
    ],
)
def test_a_name_is_one_of_python(text, name):
    assert slug(text) == name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("01 - EDA final (2).ipynb", "eda"),
        ("02_end_to_end_project.ipynb", "end_to_end_project"),
        ("Untitled1.ipynb", "untitled1"),
        ("churn-Copy1.ipynb", "churn"),
        ("2.ipynb", "notebook_2"),
    ],
)
def test_an_asset_is_named_after_its_file(tmp_path, file, name):
    assert asset_name(tmp_path / file) == name


def test_no_name_is_given_twice():
    naming = Naming("churn", taken=frozenset({"orders"}))
    sources = [
        naming.source(file) for file in ("orders.csv", "orders.csv", "data/churn.csv.gz", "clients.tar.gz")
    ]
    assert sources == ["churn_orders", "orders_2", "raw_churn", "clients"]
    products = [
        naming.product(file)
        for file in ("out/churn.csv", "clients.csv", "out/data.csv", "all.csv", "売上.csv")
    ]
    assert products == ["churn", "churn_clients", "churn_data", "churn_all", "churn_table"]
