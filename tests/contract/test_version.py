from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetbook.contract import Contract
from assetbook.contract.problems import Problems
from assetbook.contract.source import read_code
from assetbook.contract.version import Modules, code_version, module_version
from assetbook.notebook import parse_notebook

Read = Callable[..., Contract]


def version(*cells: str | dict[str, Any], root: Path = Path("absent")) -> str:
    found = [{"cell_type": "code", "source": cell} if isinstance(cell, str) else cell for cell in cells]
    content = json.dumps({"nbformat": 4, "cells": found}).encode()
    notebook = parse_notebook(content, path=Path("nb.ipynb"))
    return code_version(read_code(notebook, problems=Problems(notebook.path)), modules=Modules(root)).digest


@given(st.lists(st.sampled_from(["x = 1", "def f(a):\n    return a", "%cd x", "y = [1,\n 2]"]), min_size=1))
def test_comments_layout_markdown_and_outputs_do_not_change_it(cells: list[str]) -> None:
    dressed: list[str | dict[str, Any]] = [{"cell_type": "markdown", "source": "# Title"}]
    for cell in cells:
        text = cell if cell.startswith("%") else f"\n# why\n{cell}   # so\n\n"
        outputs = [{"output_type": "stream", "text": "x"}]
        dressed.append({"cell_type": "code", "source": text, "id": "other", "outputs": outputs})
    assert version(*dressed) == version(*cells)


@pytest.mark.parametrize(
    "cells",
    [
        ("x = 2",),
        ("x = 1.0",),
        ("x = True",),
        ("x = '1'",),
        ("y = 1",),
        ("x = 1", "x = 1"),
        ("x = 1; x = 1",),
    ],
)
def test_every_other_edit_changes_it(cells: tuple[str, ...]) -> None:
    assert version(*cells) != version("x = 1")


def test_order_and_borders_of_cells_count() -> None:
    assert len({version("a", "b"), version("b", "a"), version("a\nb")}) == 3


def test_cells_that_are_no_python_count_by_their_text() -> None:
    texts = ["%%bash\nls", "%%bash\nls -l", "def f(:", "def f(:  # x"]
    assert len({version(text) for text in texts}) == len(texts)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    files = {
        "assets/__init__.py": "",
        "assets/flights.py": "from . import schemas\nfrom .rules import LATE\nLIMIT = 1",
        "assets/schemas.py": "import shared.deep.inner",
        "assets/rules.py": "from ..top import x",
        "assets/unused.py": "",
        "shared/deep/__init__.py": "",
        "shared/deep/inner.py": "import assets.flights  # a circle",
        "shared/deep/other.py": "",
        "top.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


COVERED = (
    "assets/__init__.py", "assets/flights.py", "assets/rules.py", "assets/schemas.py",
    "shared/deep/__init__.py", "shared/deep/inner.py",
)  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "import assets.flights",
        "import assets.flights as f",
        "from assets.flights import LIMIT",
        "from assets.flights import *",
        "from assets import flights",
        "def f():\n    import pandas, assets.flights",
    ],
)
def test_imported_workspace_modules_are_covered_through_all_forms(
    read: Read, workspace: Path, line: str
) -> None:
    assert read(line).modules == (*COVERED, "top.py")


@pytest.mark.parametrize(
    ("edited", "changes"), [(name, True) for name in COVERED] + [("assets/unused.py", False)]
)
def test_editing_a_covered_module_changes_it_and_no_other(
    read: Read, workspace: Path, edited: str, changes: bool
) -> None:
    before = read("import assets.flights").code_version
    (workspace / edited).write_text((workspace / edited).read_text() + "\n# a comment\n")
    assert read("import assets.flights").code_version == before
    (workspace / edited).write_text((workspace / edited).read_text() + "\nNEW = 1\n")
    assert (read("import assets.flights").code_version != before) is changes


def test_a_package_is_its_init_and_what_is_imported_from_it(read: Read, workspace: Path) -> None:
    assert read("import shared.deep").modules == ("shared/deep/__init__.py",)
    assert read("from shared.deep import other").modules == (
        "shared/deep/__init__.py",
        "shared/deep/other.py",
    )


def test_a_module_that_appears_changes_it(read: Read, workspace: Path) -> None:
    before = read("import later")
    (workspace / "later.py").write_text("x = 1")
    after = read("import later")
    assert (before.modules, after.modules) == ((), ("later.py",))
    assert before.code_version != after.code_version


@pytest.mark.parametrize("content", [b"def f(:", b"\xff\xfe", b"x = 1\0"])
def test_a_module_that_is_no_python_counts_by_its_bytes(read: Read, workspace: Path, content: bytes) -> None:
    (workspace / "top.py").write_bytes(content)
    before = read("import top")
    assert before.problems == ()
    (workspace / "top.py").write_bytes(content + b" ")
    assert read("import top").code_version != before.code_version


def test_module_version_covers_the_file_and_its_imports(workspace: Path) -> None:
    path = workspace / "assets" / "flights.py"
    before = module_version(path, root=workspace)
    assert module_version(Path("assets/flights.py"), root=workspace) == before
    path.write_text(f"# why\n{path.read_text()}")
    assert module_version(path, root=workspace) == before
    (workspace / "shared/deep/inner.py").write_text("x = 1")
    assert module_version(path, root=workspace) != before
