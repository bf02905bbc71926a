from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from assetbook.catalogue import wording


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("greater_than_or_equal_to(0)", "≥ 0"),
        ("less_than(2.5)", "< 2.5"),
        ("isin(['A', 'N'])", "one of A, N"),
        ("notin([1])", "none of 1"),
        (f"isin({list(range(20))})", f"one of {', '.join(map(str, range(12)))} and 8 more"),
        ("in_range(0, 1)", "0 to 1"),
        ("str_matches('^[A-Z]{2}$')", "matches ^[A-Z]{2}$"),
        ("str_length(1, None)", "at least 1 characters"),
        ("str_length(None, 3)", "at most 3 characters"),
        ("str_length(2, 3)", "2 to 3 characters"),
        ("my check (of mine)", "my check (of mine)"),
        ("isin(open('x'))", "isin(open('x'))"),
        ("greater_than(Timestamp('2013-01-01'))", "greater_than(Timestamp('2013-01-01'))"),
    ],
)
def test_a_rule_is_said_in_fewer_words(check, words):
    assert wording.rule(check) == words


def test_two_bounds_are_one_rule():
    assert wording.rules(["greater_than_or_equal_to(1)", "odd", "less_than_or_equal_to(12)"]) == [
        "1 to 12",
        "odd",
    ]
    assert wording.rules(["greater_than(1)", "less_than_or_equal_to(12)"]) == ["> 1", "≤ 12"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.31, "0.3 s"), (47.6, "48 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations(seconds, text):
    assert wording.duration(seconds) == text


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        ({"days": 1}, "1 day"),
        ({"hours": 36}, "36 hours"),
        ({"minutes": 90}, "90 minutes"),
        ({"seconds": 61}, "61 seconds"),
    ],
)
def test_spans(delta, text):
    assert wording.span(timedelta(**delta)) == text


@pytest.mark.parametrize(
    ("count", "text"), [(999, "999 bytes"), (1_650, "1.6 kB"), (2_500_000_000_000, "2.5 TB")]
)
def test_sizes(count, text):
    assert wording.size(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (1.0, "1"),
        (1234567.891, "1234568"),
        (0.123456789, "0.123457"),
        (math.nan, "nan"),
        (date(2013, 1, 2), "2013-01-02"),
        ("two\nlines", "two lines"),
        ("x" * 200, "x" * 79 + "…"),
        (["a"], "['a']"),
    ],
)
def test_cells(value, text):
    assert wording.cell(value) == text
