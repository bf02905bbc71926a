"""The rules as a page of the reference, made from the rule classes themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assetbook.checking.rule import Rule
from assetbook.checking.rules import FAMILIES, RULES

TITLE = "The rules of assetbook check"


def rules_page() -> Iterator[str]:
    """Give the lines of the page below its title."""
    yield (
        "Each rule has a code that stays. **error**: the notebook will not run in production; **warning**: it may give "
        "other results there; **note**: style, shown with `--level note`. How to choose and to silence rules: "
        "[Check notebooks](../how-to/check.md)."
    )
    yield ""
    yield from ("| rule | severity | finds | `--fix` |", "|---|---|---|---|")
    for rule in RULES:
        link = f"[{rule.code}](#{_anchor(rule)})"
        yield f"| {link} | {rule.severity} | {rule.summary()} | {'yes' if rule.mends else ''} |"
    for family, title in FAMILIES.items():
        yield from ("", f"## {family}: {title}", "")
        for rule in RULES:
            if rule.code.startswith(family):
                yield from _rule(rule)


def _rule(rule: type[Rule]) -> Iterator[str]:
    yield from (
        f"### {rule.code} {rule.name}",
        "",
        f"*{rule.severity}.* {rule.summary()}",
        "",
        rule.why(),
        "",
    )
    if rule.example:
        yield from ("```ipython usage", *rule.example.split("\n"), "```", "", "Better:", "")
        yield from ("```ipython usage", *rule.better.split("\n"), "```", "")
    if rule.mends:
        yield from (f"`--fix`: {rule.mends}", "")


def _anchor(rule: type[Rule]) -> str:
    return re.sub(r"[^a-z0-9-]", "", f"{rule.code}-{rule.name}".lower())
