from __future__ import annotations

import pytest

from assetbook.promotion.compare import compare


def out(text):
    return [{"output_type": "stream", "name": "stdout", "text": text}]


def result(**data):
    return [{"output_type": "execute_result", "data": {k.replace("__", "/"): v for k, v in data.items()}}]


def said(before, after):
    return [difference.message for difference in compare({3: before}, {3: after})]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("accuracy 0.8123456789", "accuracy 0.8123456781"),
        ("1,234 rows", "1,234 rows"),
        ("<Thing at 0x7f3a>", "<Thing at 0x9999>"),
        ("CPU times: user 3 ms\nok", "CPU times: user 9 ms\nok"),
        ("read data/x.csv", "read /tmp/a1b2/x.csv"),
        ("a\x1b[1mb", "ab"),
        ("sales: done", "sales: done\nraw_sales: 3 rows × 2 columns, lake version 0 of 2026-11-21 10:00"),
        ("nan", "nan"),
    ],
)
def test_what_means_the_same_is_no_difference(before, after):
    assert said(out(before), out(after)) == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("accuracy 0.81", "accuracy 0.79", "prints 0.79 instead of 0.81"),
        ("3 rows", "3 lines", "prints '# lines' instead of '# rows'"),
        ("3", "", "prints nothing instead of '#'"),
        ("1e-3", "2e-3", "prints 2e-3 instead of 1e-3"),
    ],
)
def test_a_difference_says_what_and_instead_of_what(before, after, message):
    assert said(out(before), out(after)) == [message]


def test_tables_are_compared_by_their_cells():
    table = "<table><tr><td>{}</td></tr></table>"
    assert said(result(text__html=table.format("1.0")), result(text__html=table.format("1.0000000001"))) == []
    assert said(result(text__html=table.format("1.0")), result(text__html=table.format("1.1"))) == [
        "shows 1.1 instead of 1.0"
    ]


def test_figures_are_there_or_not():
    picture = result(image__png="abc", text__plain="<Figure size 640x480>")
    assert said(picture, result(image__png="def", text__plain="<Figure size 640x479>")) == []
    assert said(picture, []) == ["shows 0 figures, 1 were saved"]


def test_errors_are_compared_by_their_kind():
    error = [{"output_type": "error", "ename": "KeyError", "evalue": "'a'"}]
    assert said(error, error) == []
    assert said(error, out("fine")) == ["no error instead of KeyError"]


def test_cells_without_saved_outputs_are_not_compared():
    assert compare({1: []}, {1: out("x")}) == []
    assert compare({1: out("x")}, {2: out("x")}) == []
