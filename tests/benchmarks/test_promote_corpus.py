from __future__ import annotations

import json

import pandas as pd
import pytest

from benchmarks.promote import reading
from benchmarks.promote.building import build
from benchmarks.promote.folders import changes, look
from benchmarks.promote.reading import Cell, CorpusError, Expected, Sample, samples
from benchmarks.promote.values import model_difference, table_difference

TABLE = Expected(kind="table", name=".*")
MODEL = Expected(kind="model", name=".*")


def test_every_notebook_of_the_corpus_can_be_read():
    known = samples()
    assert len(known) >= 50
    assert sum(sample.promote == "no" for sample in known) >= 6
    assert all(sample.outputs is not None and sample.cells for sample in known)


def test_an_unknown_flag_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "CORPUS", tmp_path)
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "notebook.py").write_text('# ---\n# about: x\n# ---\n# %% {"rnu": 1}\nx = 1\n')
    with pytest.raises(CorpusError, match="unknown flags \\['rnu'\\]"):
        reading.read("wrong")


def test_a_notebook_is_executed_in_the_order_that_its_marks_say(tmp_path):
    cells = (
        Cell("code", "print(x)", run=(2,)),
        Cell("code", "x = 'old'", run=(1,)),
        Cell("code", "x = 'gone'", run=(3,), deleted=True),
        Cell("code", "print(x)\nopen('left.txt', 'w').close()", run=(4,)),
        Cell("code", "y = 'new'", run=(5,), executed_as="y = 'old'"),
        Cell("code", "print(y)", run=(6,)),
        Cell("code", "1 / 0", unexecuted=True),
    )
    project = build(Sample("odd", {"nbformat": "4.2"}, cells), tmp_path)
    notebook = json.loads(project.notebook.read_text("utf-8"))
    printed = ["".join(o["text"]) for cell in notebook["cells"] for o in cell["outputs"]]
    assert [cell["execution_count"] for cell in notebook["cells"]] == [2, 1, 4, 5, 6, None]
    assert printed == ["old\n", "gone\n", "old\n"]
    assert notebook["cells"][3]["source"] == ["y = 'new'"]
    assert not any("id" in cell for cell in notebook["cells"])
    assert "left.txt" in look(project.root)
    assert project.error == "NameError: name 'x' is not defined"


def test_another_value_row_column_or_order_is_a_difference():
    expected = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert table_difference(expected, expected.astype({"a": float}), output=TABLE) is None
    assert "1 found" in str(table_difference(expected, expected.head(1), output=TABLE))
    assert "['b'] are missing" in str(table_difference(expected, expected[["a"]], output=TABLE))
    assert "2 expected, 3 found" in str(table_difference(expected, expected.replace(2, 3), output=TABLE))
    assert "another order" in str(
        table_difference(expected, expected[::-1].reset_index(drop=True), output=TABLE)
    )


def test_an_index_may_be_left_out_only_if_it_says_nothing():
    numbered = pd.DataFrame({"Unnamed: 0": [0, 1], "a": [5, 6]})
    named = pd.DataFrame({"Unnamed: 0": ["p", "q"], "a": [5, 6]})
    bare = pd.DataFrame({"a": [5, 6]})
    assert table_difference(numbered, bare, output=TABLE) is None
    assert "are missing" in str(table_difference(named, bare, output=TABLE))
    assert table_difference(named, bare.assign(index=["p", "q"]), output=TABLE) is None
    assert table_difference(named, bare.set_axis(["p", "q"]), output=TABLE) is None


def test_a_model_fitted_to_something_else_is_a_difference():
    from sklearn.tree import DecisionTreeClassifier

    data, answers = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
    model = DecisionTreeClassifier(random_state=0).fit(data, answers)
    same = DecisionTreeClassifier(random_state=0).fit(data, answers)
    other = DecisionTreeClassifier(random_state=0).fit(data, [0, 1, 1, 1])
    deeper = DecisionTreeClassifier(random_state=0, max_depth=3).fit(data, answers)
    assert model_difference(model, same, output=MODEL) is None
    assert model_difference(model, other, output=MODEL) is not None
    assert "max_depth" in str(model_difference(model, deeper, output=MODEL))


def test_what_changed_in_a_folder_is_said(tmp_path):
    (tmp_path / "a").write_text("1")
    before = look(tmp_path)
    (tmp_path / "a").write_text("2")
    (tmp_path / "b").write_text("")
    assert changes(before, look(tmp_path)) == ["changed: a", "new: b"]
