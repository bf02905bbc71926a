"""What ``import assetbook`` costs and shows."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

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


def test_in_jupyter_the_modules_of_the_workspace_can_be_imported_from_any_folder_of_it(
    tmp_path: Path,
) -> None:
    for folder in ("assets", "notebooks/sub"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "workspace.yaml").touch()
    (tmp_path / "assets" / "lib.py").write_text("answer = 42")
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.instance().run_cell('import assetbook\\nfrom assets.lib import answer\\nprint(answer)')"
    )

    shown = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "notebooks" / "sub",
        env={**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert shown.splitlines()[-1] == "42"
