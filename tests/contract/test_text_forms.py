"""Notebooks in text are read as the same notebooks in ``.ipynb``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from assetbook.contract import Contract, read_contract, read_contracts
from assetbook.contract.headings import read_headings
from assetbook.notebook import read_notebook
from tests.conftest import notebook_json

CELLS = [
    "# # Routes\n\nHow late they are.",
    "%matplotlib inline\nimport pandas as pd\nimport assetbook as ab",
    "%%time\nflights = ab.load('flights')\nfiles = !ls",
    "routes = flights.groupby('origin').size()\n\n\ndef f():\n    return 1\n\n",
    "%%bash\nls -l",
    "ab.save('routes', routes)",
]
FORMS = {"py:percent": ".py", "py:light": ".py", "py:hydrogen": ".py", "md": ".md", "md:myst": ".md"}


def read(text: str, tmp_path: Path, name: str = "nb.py") -> Contract:
    (tmp_path / name).write_text(text)
    return read_contract(Path(name), root=tmp_path)


@pytest.fixture
def document() -> Any:
    document = notebook_json(CELLS, parameters="month: str = '2013-01'  # the month\nrows = 3")
    document["cells"][1]["source"] = "# Routes\n\nHow late they are."
    return nbformat.from_dict(document)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_the_same_asset(form: str, tmp_path: Path, document: Any) -> None:
    ipynb, text = tmp_path / "a" / "nb.ipynb", tmp_path / "b" / f"nb{FORMS[form]}"
    for path in (ipynb, text):
        path.parent.mkdir()
        jupytext.write(document, path, fmt=form if path is text else "ipynb")
    one, other = (read_contract(path, root=path.parent) for path in (ipynb, text))
    assert not other.problems
    sources, others = ([cell.source.strip() for cell in read_notebook(path).cells] for path in (ipynb, text))
    assert sources == others
    for field in (
        "name",
        "title",
        "description",
        "parameters",
        "inputs",
        "outputs",
        "kernel",
        "code_version",
    ):
        assert getattr(one, field) == getattr(other, field), field


@pytest.mark.parametrize("form", FORMS)
def test_each_cell_has_its_line_in_the_file(form: str, tmp_path: Path, document: Any) -> None:
    path = tmp_path / f"nb{FORMS[form]}"
    jupytext.write(document, path, fmt=form)
    lines = path.read_text().splitlines()
    for cell in read_notebook(path).cells:
        assert cell.line is not None
        first = cell.source.split("\n")[0]
        assert first.strip("%") in lines[cell.line - 1] or (form.startswith("py") and first == "%%bash")


def test_messages_name_cell_and_line(tmp_path: Path) -> None:
    text = "# %% [markdown]\n# # A\n\n# %%\nimport assetbook as ab\n\n# %%\nname = input()\nab.load(name)\n"
    (problem,) = read(text, tmp_path).problems
    assert problem.message.startswith("nb.py, cell 2, line 2: ")


def test_a_cell_that_is_no_python_is_named(tmp_path: Path) -> None:
    (problem,) = read("# %%\nx = 1\n# %%\nif x\n", tmp_path).problems
    assert problem.message == "nb.py, cell 2, line 1: no valid Python (expected ':'): if x"


def test_comments_and_prose_change_nothing(tmp_path: Path) -> None:
    before = read("# %%\nx = 1\n\n# %%\ny = 2\n", tmp_path)
    after = read("# %% [markdown]\n# Prose\n\n# %% title\nx = 1  # one\n\n# %%\ny = 2\n", tmp_path)
    changed = read("# %%\nx = 1\n\n# %%\ny = 3\n", tmp_path)
    assert before.code_version == after.code_version != changed.code_version


def test_the_cell_of_parameters_is_tagged_in_its_marker(tmp_path: Path) -> None:
    contract = read('# %% tags=["parameters"]\nmonth: str = "2013-01"  # the last month\n', tmp_path)
    (parameter,) = contract.parameters
    assert (parameter.name, parameter.default, parameter.description) == (
        "month",
        "2013-01",
        "the last month",
    )


def test_another_language_is_refused(tmp_path: Path) -> None:
    text = "---\njupyter:\n  jupytext: {}\n---\n\n```R\nx <- 1\n```\n"
    (problem,) = read(text, tmp_path, "nb.md").problems
    assert problem.message == "nb.md: the notebook's language is R, expected python. Choose a Python kernel."


def test_contracts_of_text_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "nb.py"
    path.write_text("# %%\nx = 1\n")
    first = read_contracts([path], root=tmp_path, cache=tmp_path / "cache")
    monkeypatch.setattr("assetbook.contract.cache.read_content", None)
    assert read_contracts([path], root=tmp_path, cache=tmp_path / "cache") == first


def test_headings_are_those_of_the_prose(tmp_path: Path) -> None:
    path = tmp_path / "nb.py"
    path.write_text('# %% [markdown]\n"""\n# Title\n\nProse.\n"""\n# %%\n# # no heading\nx = 1\n')
    assert read_headings(read_notebook(path)) == ("Title", "Prose.")
