"""The corpus: nothing is said of clean notebooks, and what is planted is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from assetbook.checking import Checker, Selection
from benchmarks.rules import measure
from tests.checking.corpus import SAMPLES
from tests.checking.corpus.defects import DEFECTS
from tests.checking.corpus.writing import write, write_data

EVERY = 4  # of the notebooks that defects are planted into here; `python -m benchmarks.rules` takes all


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("corpus")
    write_data(root)
    return root


def test_the_corpus_is_large_enough() -> None:
    assert len(SAMPLES) >= 40
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_clean_notebook_gives_nothing(sample, folder):
    path = write(sample.notebook(), folder / f"{sample.name}.ipynb")
    report = Checker(folder, selection=Selection()).check_file(path)
    assert [f"{f.where}: {f.code} {f.message}" for f in report.at_least("warning")] == []


def test_what_is_planted_is_found_where_it_is(tmp_path):
    scores, false, _, _ = measure(tmp_path, samples=SAMPLES[::EVERY])
    assert not false
    assert {code: score.missed for code, score in scores.items() if score.missed} == {}
    assert {code: score.wrong for code, score in scores.items() if score.wrong} == {}
