from __future__ import annotations

import pytest

from tests.docs.shown import difference


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ("15 ran in 24.8 s", "15 ran in 3.1 s"),
        ("flights  16 rows  0.3  ✓ done", "flights    16 rows   12.0  ✓ done"),
        ("   1     0.01         49      ok", "   1     3.20        250  ok"),
        ("memory 178 MB", "memory 110 MB, and 178 MB shared"),
        ("lake version 3 of 2026-11-21 10:31", "lake version 3 of 2027-01-01 00:00"),
        (
            "record  data/records/x/20261121T100537.039-3f067ad7",
            "record  data/records/x/20270101T000000.000-00000000",
        ),
        ("first\n…\nlast", "first\nsecond\nthird\nlast"),
        ("The executed notebook: …", "The executed notebook: data/notebook.ipynb"),
    ],
)
def test_times_and_what_is_left_out_make_no_difference(shown: str, real: str) -> None:
    assert difference(shown, real) == ""


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ("15 ran in 24.8 s", "16 ran in 24.8 s"),
        ("flights  16 rows", "flights  17 rows"),
        ("mean_late 0.279", "mean_late 0.280"),
        ("lake version 3", "lake version 4"),
        ("first\nlast", "first\nsecond\nlast"),
        ("first\n…\nlast", "last"),
    ],
)
def test_everything_else_does(shown: str, real: str) -> None:
    assert difference(shown, real)
