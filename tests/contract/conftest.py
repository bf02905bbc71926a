"""Notebooks written and read in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assetbook.contract import Contract, read_contract

Read = Callable[..., Contract]


@pytest.fixture
def read(tmp_path: Path, write_notebook: Callable[..., dict[str, Any]]) -> Read:
    """Write code cells to a notebook of a workspace, and read its contract."""

    def read_cells(*cells: str, name: str = "nb", **options: Any) -> Contract:
        path = tmp_path / f"{name}.ipynb"
        path.write_text(json.dumps(write_notebook(list(cells), **options)), "utf-8")
        return read_contract(path, root=tmp_path)

    return read_cells


@pytest.fixture
def lineage(read: Read) -> Callable[..., tuple[list[str], list[str]]]:
    """Read code cells after ``import assetbook as ab``: the names of the inputs, and the problems."""

    def lineage_of(*cells: str, **options: Any) -> tuple[list[str], list[str]]:
        contract = read("import assetbook as ab", *cells, **options)
        return [item.name for item in contract.inputs], [problem.message for problem in contract.problems]

    return lineage_of
