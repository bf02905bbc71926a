"""What holds for every rule: its documentation, its example, and what is better."""

from __future__ import annotations

import re

import pytest

from assetbook.checking import BY_CODE, RULES
from assetbook.checking.rules import FAMILIES

WITH_EXAMPLE = [rule for rule in RULES if rule.example]


def test_codes_and_names_are_unique() -> None:
    assert len(BY_CODE) == len(RULES) == len({rule.name for rule in RULES})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_documented(rule):
    assert re.fullmatch(r"AB\d{3}", rule.code)
    assert rule.code[:3] in FAMILIES
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert rule.summary().endswith(".")
    assert rule.why().endswith(".")
    assert bool(rule.example) == bool(rule.better)


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.code)
def test_the_example_breaks_the_rule(rule, check):
    found = check(rule.example, name=rule.file_name).of(rule.code)
    assert found
    assert found[0].severity == rule.severity


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.code)
def test_what_is_better_is_clean(rule, check):
    report = check(rule.better)
    assert not report.of(rule.code)
    assert not report.at_least("warning")
