"""What ``import assetbook`` costs and shows."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import version

import pytest

import assetbook as ab

HEAVY = [
    "dagster",
    "mlflow",
    "pandas",
    "pyarrow",
    "numpy",
    "polars",
    "duckdb",
    "deltalake",
    "sqlglot",
    "pandera",
]


@pytest.mark.parametrize(
    "statement",
    ["import assetbook", "from assetbook.session.run import RunSession", "import assetbook.declare"],
)
def test_the_notebook_side_imports_nothing_heavy(statement: str) -> None:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not set(HEAVY) & set(loaded)


def test_the_version_is_that_of_the_distribution() -> None:
    assert ab.__version__ == version("assetbook")


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        ab.laod  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("name", sorted(set(ab.__all__) - {"AssetbookError", "__version__", "table"}))
def test_help_in_jupyter_shows_arguments_and_an_example(name: str) -> None:
    function = getattr(ab, name)
    documentation = inspect.getdoc(function) or ""
    assert f">>> ab.{name}(" in documentation or f"ab.{name}(" in documentation
    for parameter in inspect.signature(function).parameters:
        assert f"    {parameter}: " in documentation, f"{name}: {parameter} is not documented"
