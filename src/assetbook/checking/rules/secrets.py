"""AB6: passwords, keys and tokens that everybody who has the notebook can read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from assetbook.checking.model import Finding
from assetbook.checking.rule import Rule
from assetbook.checking.saved import outputs
from assetbook.checking.secrets import find_secrets, is_secret_value
from assetbook.checking.subject import Subject

_LONGEST = 2_000_000  # characters of an output that are looked at
_HINT = (
    'Revoke it. Then read it from the environment, or from a parameter that ab.asset(secrets=["…"]) names.'
)


class SecretInSource(Rule):
    """A password, key or token stands in the code.

    Whoever gets the notebook has it, and version control keeps it for ever. Patterns of known services, addresses
    with a password, and values that are given to names such as `password` and `api_key` are found.
    """

    code = "AB601"
    name = "secret-in-source"
    severity = "error"
    example = 'password = "hunter2-and-more"'
    better = 'import os\npassword = os.environ["DB_PASSWORD"]'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look at all cells, markdown included, and at what secret names are given."""
        told: set[tuple[int, int]] = set()
        for cell in subject.notebook.cells:
            for secret in find_secrets(cell.source):
                line = cell.source.count("\n", 0, secret.start) + 1
                if (cell.index, line) not in told:
                    told.add((cell.index, line))
                    yield self.in_cell(
                        subject, cell, f"{secret.kind} stands in the {cell.kind} cell.", line=line, hint=_HINT
                    )
        for name, node in given_texts(subject):
            if not is_secret_value(name, node.value):
                continue
            spot = subject.spot(node)
            place = (subject.cell(spot.cell).index, spot.line)
            if place not in told:
                told.add(place)
                yield self.at(subject, node, f"The value of {name!r} is a secret in plain text.", hint=_HINT)


class SecretInOutput(Rule):
    """A password, key or token stands in a saved output.

    It was printed, or is part of an error message, and goes wherever the notebook goes.
    """

    code = "AB602"
    name = "secret-in-output"
    severity = "error"
    example = ""
    better = ""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look at the texts of all saved outputs."""
        for cell in subject.notebook.code_cells:
            for output in outputs(subject, cell):
                secret = next((found for text in texts_of(output) for found in find_secrets(text)), None)
                if secret:
                    yield self.in_cell(
                        subject,
                        cell,
                        f"{secret.kind} stands in the saved output of the cell.",
                        hint="Revoke it, clear the output, and do not print it.",
                    )
                    break


def secret_texts(subject: Subject) -> set[str]:
    """Return the secrets in the code of a notebook, which no finding may show."""
    found = {
        part for cell in subject.notebook.cells for s in find_secrets(cell.source) for part in s.text.split()
    }
    return found | {
        str(node.value) for name, node in given_texts(subject) if is_secret_value(name, node.value)
    }


def texts_of(output: dict[str, Any]) -> Iterator[str]:
    """Give the texts of an output, without pictures."""
    found: list[Any] = [output.get("text"), output.get("traceback"), output.get("evalue")]
    data = output.get("data")
    if isinstance(data, dict):
        found += [
            value
            for kind, value in data.items()
            if not kind.startswith(("image/", "application/pdf", "application/vnd"))
        ]
    for item in found:
        text = "".join(map(str, item)) if isinstance(item, list) else item
        if isinstance(text, str):
            yield text[:_LONGEST]


def given_texts(subject: Subject) -> Iterator[tuple[str, ast.Constant]]:
    """Give the texts that are given to names: assigned, passed by keyword, in dicts, as defaults."""
    for node in subject.nodes(ast.Assign):
        for target in node.targets:
            yield from _named(target, node.value)
    for annotated in subject.nodes(ast.AnnAssign):
        if annotated.value is not None:
            yield from _named(annotated.target, annotated.value)
    for keyword in subject.nodes(ast.keyword):
        if keyword.arg and isinstance(keyword.value, ast.Constant):
            yield keyword.arg, keyword.value
    for call in subject.calls:
        match call:
            case ast.Call(
                func=ast.Attribute(attr="setdefault" | "putenv" | "setenv" | "getenv" | "get" | "set"),
                args=[ast.Constant(value=str() as name), ast.Constant() as given, *_],
            ):
                yield name, given
    for mapping in subject.nodes(ast.Dict):
        for key, value in zip(mapping.keys, mapping.values, strict=True):
            if (
                isinstance(key, ast.Constant)
                and isinstance(key.value, str)
                and isinstance(value, ast.Constant)
            ):
                yield key.value, value


def _named(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.Constant]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for inner, item in zip(target.elts, value.elts, strict=False):
            yield from _named(inner, item)
    if not isinstance(value, ast.Constant):
        return
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name, value
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            yield key, value
