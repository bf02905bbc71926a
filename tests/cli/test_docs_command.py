from __future__ import annotations

import pytest


@pytest.fixture
def numbers(workspace):
    workspace.notebook(
        "numbers", ["import assetbook as ab, pandas as pd", "ab.save('numbers', pd.DataFrame({'n': [1]}))"]
    )
    return workspace


def test_docs_builds_the_catalogue_and_says_where_it_is(numbers, cli):
    answer = cli("docs")

    assert (answer.code, answer.out) == (0, "1 asset in docs/catalogue/index.html\n")
    assert "numbers" in (numbers.root / "docs" / "catalogue" / "index.html").read_text("utf-8")


def test_docs_writes_where_it_is_told(numbers, cli, tmp_path):
    answer = cli("docs", "--out", str(tmp_path / "elsewhere"))

    assert answer.out == f"1 asset in {tmp_path / 'elsewhere' / 'index.html'}\n"
    assert not (numbers.root / "docs").exists()


def test_docs_opens_the_page_on_request(numbers, cli, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)

    cli("docs", "--open")

    assert opened == [(numbers.root / "docs" / "catalogue" / "index.html").as_uri()]


def test_docs_says_if_there_is_no_browser(numbers, cli, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda _: False)

    assert "open the page by hand" in cli("docs", "--open").err


def test_what_modules_print_is_not_the_answer(numbers, cli):
    numbers.write("assets/loud.py", "print('loud')\n")

    assert cli("docs").out == "1 asset in docs/catalogue/index.html\n"


def test_docs_refuses_a_folder_with_pages_of_others(numbers, cli):
    numbers.write("site/index.html", "mine")

    answer = cli("docs", "--out", "site")

    assert answer.code == 2
    assert "is no page of a catalogue" in answer.err
