from __future__ import annotations

import math

import pytest

from assetbook import words


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.76123, "0.761"), (109_119.0, "109,119"), (2.3e-5, "2.3e-05"), (math.inf, "inf"), (3, "3")],
)
def test_numbers(value, text):
    assert words.number(value) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (2000, "2,000 rows")])
def test_counted(count, text):
    assert words.counted(count, "row") == text
