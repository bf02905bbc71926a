"""The rules, by families: each module holds one subject."""

from __future__ import annotations

from collections.abc import Iterator

from assetbook.checking.rule import Rule
from assetbook.checking.rules import (
    cells,
    commands,
    imports,
    leakage,
    names,
    paths,
    prose,
    randomness,
    reading,
    removed_api,
    saved_state,
    secrets,
    style,
    surroundings,
    tables,
    workspace,
    writes,
)

FAMILIES = {
    "AB0": "The notebook itself",
    "AB1": "What it needs: modules, files, commands",
    "AB2": "Names, from top to bottom",
    "AB3": "What is saved in it",
    "AB4": "The same result again",
    "AB5": "Tables, models and parameters",
    "AB6": "Secrets",
    "AB7": "Readability",
    "AB8": "The workspace",
}

_MODULES = (
    reading, imports, removed_api, paths, commands, names, saved_state, randomness, surroundings, writes, tables,
    leakage, secrets, cells, style, prose, workspace,
)  # fmt: skip


def _rules() -> Iterator[type[Rule]]:
    for module in _MODULES:
        for found in vars(module).values():
            if (
                isinstance(found, type)
                and issubclass(found, Rule)
                and found.__module__ == module.__name__
                and found.code
            ):
                yield found


RULES: tuple[type[Rule], ...] = tuple(sorted(_rules(), key=lambda rule: rule.code))
BY_CODE = {rule.code: rule for rule in RULES}
