"""The page of the rules is made from them."""

from __future__ import annotations

import re
from pathlib import Path

from assetbook.checking import RULES
from assetbook.checking.documentation import TITLE, rules_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"


def test_the_page_is_up_to_date() -> None:
    text = PAGE.read_text("utf-8")
    made = re.sub(r"\n{3,}", "\n\n", "\n".join(rules_page())).strip()
    assert text.startswith(f"# {TITLE}\n")
    assert text.rstrip().endswith(made), "run: python -m docs.generate"


def test_every_rule_has_a_heading() -> None:
    headings = re.findall(r"^### (AB\d+) ", PAGE.read_text("utf-8"), re.MULTILINE)
    assert headings == [rule.code for rule in RULES]
