"""The reference says all that there is: commands, functions, settings, environment variables, fields of the record."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import assetbook
from assetbook.errors import WorkspaceError
from assetbook.settings import MARKER, Settings
from docs import generate
from docs.from_schema import undescribed
from tests.docs.pages import ROOT

SETTINGS = ROOT / "docs" / "reference" / "settings.md"
TOLD_BY_US = {  # to processes that we start; nobody else sets them
    "ASSETBOOK_RUN": "where a kernel finds what its run is about",
    "ASSETBOOK_KERNEL": "marks the processes of one kernel",
}
OTHERS = {"DAGSTER_HOME", "NO_COLOR"}  # read by us, and by others too


@pytest.mark.parametrize(
    ("path", "text"), generate.pages().items(), ids=lambda value: getattr(value, "name", "")
)
def test_generated_page_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text("utf-8") == text, "run: python -m docs.generate"


def test_every_function_of_a_notebook_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "notebook-api.md").read_text("utf-8")
    for name in {*assetbook.__all__} - {"__version__"}:
        assert re.search(rf"ab\.{name}`", page), name


def test_every_field_of_the_record_is_described() -> None:
    assert undescribed(json.loads(generate.SCHEMA.read_text("utf-8"))) == []


def test_every_setting_is_in_the_reference(tmp_path: Path) -> None:
    (tmp_path / MARKER).touch()
    (tmp_path / "pyproject.toml").write_text("[tool.assetbook]\nunknown = 1\n", "utf-8")
    with pytest.raises(WorkspaceError) as refused:
        Settings.load(tmp_path)

    assert set(_rows(0)) == set(str(refused.value).partition("Known: ")[2].rstrip(".").split(", "))


def test_every_environment_variable_is_in_the_reference() -> None:
    read = {name for file in (ROOT / "src").rglob("*.py") for name in _variables(file)}
    assert set(_rows(1)) == read - {*TOLD_BY_US} | OTHERS


def _rows(column: int) -> Iterator[str]:
    """Give the names in one column of the first table of the settings."""
    table = SETTINGS.read_text("utf-8").partition("\n| `")[2].partition("\n\n")[0]
    for line in f"| `{table}".splitlines():
        yield from re.findall(r"`(\w+)`", re.split(r"(?<!\\)\|", line)[column + 1])


def _variables(file: Path) -> Iterator[str]:
    """Give our environment variables whose names stand in a module."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"^ASSETBOOK_[A-Z_]*[A-Z]$", node.value)
