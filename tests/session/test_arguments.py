from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from assetbook.errors import SessionError
from assetbook.session import arguments
from assetbook.session.arguments import Reference


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("flights", None, Reference("flights")),
        ("flights", 3, Reference("flights", version=3)),
        ("flights@3", None, Reference("flights", version=3)),
        ("flights@scratch", None, Reference("flights", scratch=True)),
    ],
)
def test_a_reference_names_an_asset_and_maybe_a_version(
    name: str, version: int | None, expected: Reference
) -> None:
    assert arguments.reference(name, version=version) == expected


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        ("flights@3", 4, "names two versions"),
        ("flights@latest", None, "'latest' is not a version.*'flights@3'"),
        ("flights", "3", "version must be an int, found str"),
        ("flights", True, "version must be an int, found bool"),
        ("", None, "a name is a text of letters"),
        (" flights", None, "a name is a text of letters"),
        (pd.DataFrame(), None, "such as 'flights'; found DataFrame"),
    ],
)
def test_a_wrong_reference_says_what_was_found(name: Any, version: Any, message: str) -> None:
    with pytest.raises(SessionError, match=message):
        arguments.reference(name, version=version)


@pytest.mark.parametrize("passed", [True, False, np.True_, np.False_])
def test_a_verdict_is_a_bool_of_python_or_numpy(passed: Any) -> None:
    assert arguments.verdict("check", passed) is bool(passed)


@pytest.mark.parametrize(
    ("passed", "message"),
    [
        (pd.Series([True, False]), r"found Series\. .*\.all\(\)"),
        (np.array([True]), r"found ndarray .*\.all\(\)"),
        (1, r"found int \(1\)\. Wrap it in bool"),
        ("yes", "found str"),
        (None, "found NoneType"),
    ],
)
def test_anything_else_is_no_verdict(passed: Any, message: str) -> None:
    with pytest.raises(SessionError, match=message):
        arguments.verdict("complete", passed)


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.5), np.int64(3), Decimal("0.5"), math.nan])
def test_numbers_become_pythons_own(value: Any) -> None:
    number = arguments.number("metric", value)
    assert type(number) in (int, float)
    assert number == value or math.isnan(number)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.inf, "infinite"),
        (np.float64("-inf"), "infinite"),
        (True, "Use ab.check"),
        ("0.8", "must be a number, found str"),
        (pd.Series([1.0]), "found Series"),
        (None, "found NoneType"),
    ],
)
def test_anything_else_is_no_number(value: Any, message: str) -> None:
    with pytest.raises(SessionError, match=message):
        arguments.number("metric('auc', …)", value)


@pytest.mark.parametrize("metadata", [["rows"], {1: "a"}])
def test_metadata_must_be_a_dict_of_texts(metadata: Any) -> None:
    with pytest.raises(SessionError, match="must be a dict with texts as keys"):
        arguments.facts("complete", metadata)
