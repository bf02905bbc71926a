"""Notebooks in text under check: where findings stand, and what ``--fix`` changes."""

from __future__ import annotations

import json
from pathlib import Path

import jupytext
import nbformat
import pytest

from assetbook.checking import Checker, Selection, find_notebooks
from assetbook.checking.example import parse_example
from assetbook.checking.fixing import mend, source_diff
from assetbook.checking.sarif import to_sarif
from assetbook.checking.text_document import with_sources
from assetbook.checking.wording import report_lines
from assetbook.notebook import parse_notebook
from tests.checking.corpus import SAMPLES
from tests.checking.corpus.writing import write_data
from tests.checking.test_fixing import MENDED

SCRIPT = """\
# ---
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3}
# ---

# %% [markdown]
# # A notebook

# %% tags=["parameters"]
rows: int = 3   # how many


# %%

# %%  a title
# %matplotlib notebook
import numpy as np
import click, os

# !pip install click
x = np.zeros(2, dtype=np.int)
click.echo(x)
"""
CURED = """\
# ---
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3}
# ---

# %% [markdown]
# # A notebook

# %% tags=["parameters"]
rows: int = 3   # how many


# %%  a title
# %matplotlib inline
import numpy as np
import click

x = np.zeros(2, dtype=int)
click.echo(x)
"""
MYST = "---\nkernelspec: {name: python3, display_name: P}\n---\n\n```{code-cell}\n:tags: [a]\nimport json\nx = y\n```\n"


def checked(folder: Path, name: str, text: str):
    path = folder / name
    path.write_bytes(text.encode())
    checker = Checker(folder, selection=Selection())
    return checker, path, checker.check_file(path, shown=Path(name))


def test_findings_have_cell_and_line_of_the_file(tmp_path):
    _, _, report = checked(tmp_path, "n.py", SCRIPT)
    (finding,) = report.of("AB104")
    assert (finding.cell, finding.line, finding.file_line) == (3, 6, 21)
    assert finding.as_json()["file_line"] == 21
    shown = ["".join(text for text, _ in line) for line in report_lines(report, level="warning")]
    assert " 21 │ x = np.zeros(2, dtype=np.int)" in shown
    assert any(line.startswith("  cell 3:6   ") for line in shown)


def test_editors_are_shown_the_line_of_the_file(tmp_path):
    _, _, report = checked(tmp_path, "n.py", SCRIPT)
    results = to_sarif([report], level="warning", version="1")["runs"][0]["results"]
    places = [r["locations"][0]["physicalLocation"]["region"] for r in results if r["ruleId"] == "AB104"]
    assert [(place["startLine"], place["endLine"]) for place in places] == [(21, 21)]


def test_an_ipynb_has_no_line_of_the_file(check):
    assert {finding.file_line for finding in check("x = y").findings} == {None}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_only_lines_that_change_are_written(tmp_path, ends):
    checker, path, _ = checked(tmp_path, "n.py", SCRIPT.replace("\n", ends))
    assert mend(checker, path).content.decode() == CURED.replace("\n", ends)


def test_the_diff_is_that_of_the_file(tmp_path):
    checker, path, _ = checked(tmp_path, "n.py", SCRIPT)
    lines = source_diff(path.read_bytes(), mend(checker, path).content, path=Path("n.py"))
    assert lines[:2] == ["--- n.py", "+++ n.py"]
    assert {"-# %matplotlib notebook", "+# %matplotlib inline", "+x = np.zeros(2, dtype=int)"} <= set(lines)


def test_markdown_is_mended_in_its_fence(tmp_path):
    checker, path, _ = checked(tmp_path, "n.md", MYST)
    assert mend(checker, path).content.decode() == MYST.replace("import json\n", "")


def test_what_would_be_read_otherwise_is_not_written():
    content = b"# %%\nx = 1\n"
    assert with_sources(content, {0: "x = 1\n# %%\ny = 2"}, path=Path("n.py")) == content


def test_a_clean_text_notebook_stays_as_it_is_and_gives_nothing(tmp_path):
    text = "# %% [markdown]\n# # Squares\n#\n# The first.\n\n# %%\nsquares = [1, 4, 9]\nprint(squares)\n"
    checker, path, report = checked(tmp_path, "squares.py", text)
    assert report.findings == ()
    assert mend(checker, path).content == text.encode()


def test_a_file_that_is_no_notebook_is_a_finding(tmp_path):
    _, _, report = checked(tmp_path, "n.py", "x = 1\n")
    (finding,) = report.findings
    assert (finding.code, finding.message[:30]) == ("AB001", "a Python file without cells is")


def test_folders_give_their_text_notebooks(tmp_path):
    for name, text in {"a.py": SCRIPT, "b.py": "x = 1\n", "c.md": MYST, "README.md": "# A\n"}.items():
        (tmp_path / name).write_text(text)
    assert [path.name for path in find_notebooks([tmp_path])] == ["a.py", "c.md"]


def test_a_script_that_is_run_gives_its_names(tmp_path):
    (tmp_path / "parts.py").write_text("# %%\nfrom math import pi\n# %%\nother = 2\n")
    _, _, report = checked(tmp_path, "n.py", "# %%\n# %run parts.py\n# %%\nprint(other, pi)\n")
    assert not report.of("AB201", "AB202")


# ---- every form against the same notebook as .ipynb

FORMS = {"py:percent": ".py", "py:light": ".py", "py:hydrogen": ".py", "md": ".md", "md:myst": ".md"}
OF_RESULTS = "AB3"  # what only a file with results can show
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
EMPTY = "# In [1]:\nx = 1\n# In [ ]:\n\n# In [ ]: markdown\nText\n# In [2]:\nprint(x)"


def in_form(document, form: str, folder: Path) -> tuple[Path, Path]:
    """Write a notebook as ``.ipynb`` and in a form; return both files."""
    document["metadata"] = {"kernelspec": KERNEL}
    ipynb, text = folder / "analysis.ipynb", folder / f"analysis{FORMS[form]}"
    ipynb.write_text(json.dumps(document), "utf-8")
    jupytext.write(nbformat.v4.reads(ipynb.read_text("utf-8")), text, fmt=form)
    return ipynb, text


@pytest.mark.parametrize("sample", SAMPLES[::8], ids=lambda sample: sample.name)
@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_the_same_findings(form, sample, tmp_path):
    write_data(tmp_path)
    checker = Checker(tmp_path, selection=Selection())
    found = [
        [
            (f.code, f.cell, f.line, f.message)
            for f in checker.check_file(path, shown=Path("analysis")).findings
        ]
        for path in in_form(sample.notebook(), form, tmp_path)
    ]
    ipynb, text = ([item for item in items if not item[0].startswith(OF_RESULTS)] for items in found)
    assert text == ipynb


@pytest.mark.parametrize("source", [EMPTY, *(before for before, _ in MENDED.values())])
@pytest.mark.parametrize("form", ["py:percent", "py:hydrogen", "md", "md:myst"])
def test_each_form_is_mended_alike(form, source, tmp_path):
    checker = Checker(tmp_path, selection=Selection())
    ipynb, text = (
        [cell.source.rstrip("\n") for cell in parse_notebook(mend(checker, path).content, path=path).cells]
        for path in in_form(parse_example(source), form, tmp_path)
    )
    assert text == ipynb
