"""Notebooks under check, written in a few lines; see `assetbook.checking.example` for their form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assetbook.checking import Checker, Finding, Report, Selection
from assetbook.checking.example import parse_example

Check = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check a notebook in a workspace of its own."""

    def check_text(
        text: str, *, name: str = "analysis", selection: Selection | None = None, **metadata: Any
    ) -> Report:
        (tmp_path / "workspace.yaml").touch()
        document = parse_example(text.strip("\n"))
        document["metadata"] = metadata
        path = tmp_path / f"{name}.ipynb"
        path.write_text(json.dumps(document, indent=1), "utf-8")
        return Checker(tmp_path, selection=selection or Selection()).check_file(path, shown=Path(path.name))

    return check_text


@pytest.fixture
def codes(check: Check) -> Callable[..., list[str]]:
    """Check a notebook; return the codes of the errors and warnings, in order."""

    def codes_of(text: str, **options: Any) -> list[str]:
        return [finding.code for finding in check(text, **options).at_least("warning")]

    return codes_of


@pytest.fixture
def only(check: Check) -> Callable[..., Finding]:
    """Check a notebook that gives one finding of a rule; return it."""

    def finding_of(code: str, text: str, **options: Any) -> Finding:
        found = check(text, **options).of(code)
        assert len(found) == 1, found
        return found[0]

    return finding_of
