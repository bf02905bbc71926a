"""Which files are notebooks, and which of them are two forms of one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assetbook import forms
from assetbook.contract import read_contracts
from assetbook.errors import ContractError
from assetbook.notebook import parse_notebook, read_notebook

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     formats: {formats}
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

"""
NOTEBOOKS = {
    "percent.py": "import os\n\n# %%\nx = 1\n",
    "vscode.py": "#%%\nx = 1\n",
    "light.py": HEADER.format(formats="ipynb,py:light") + "x = 1\n",
    "shebang.py": "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n"
    + HEADER.format(formats="py")
    + "x = 1\n",
    "windows.py": "x = 1\r\n# %%\r\ny = 2\r\n",
    "jupytext.md": "---\njupyter:\n  kernelspec: {name: python3, display_name: P}\n---\n\n```python\nx = 1\n```\n",
    "hidden.md": "<!--\n---\njupyter:\n  jupytext: {}\n---\n-->\n\n```python\nx = 1\n```\n",
    "myst.md": "---\nkernelspec:\n  name: python3\n  display_name: P\n---\n\n```{code-cell}\nx = 1\n```\n",
    "mystnb.md": "---\nfile_format: mystnb\n---\n\n```{code-cell}\nx = 1\n```\n",
}
OTHERS = {
    "module.py": '"""A module."""\n\ndef f():\n    return 100 % 7  # %%s is no marker, nor\n',
    "magic.py": "# %%time\nx = 1\n",
    "README.md": "# Read me\n\n```python\nimport assetbook\n```\n",
    "front.md": "---\ntitle: A post\ntags: [jupyter]\n---\n\nText\n\n---\njupyter: no header\n",
    "book.md": "---\njupyter-book: 1\n---\n\nText\n",
    "empty.py": "",
    "notes.txt": "# %%\n",
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_text_that_is_a_notebook(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(NOTEBOOKS[name].encode())
    assert forms.is_notebook(path)
    (cell,) = [c for c in read_notebook(path).code_cells if c.source in ("x = 1", "y = 2")][-1:]
    assert cell.line is not None
    assert path.read_text().splitlines()[cell.line - 1] == cell.source


@pytest.mark.parametrize("name", OTHERS)
def test_text_that_is_none(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(OTHERS[name])
    assert not forms.is_notebook(path)


def write(folder: Path, *names: str, formats: str = "", json_of: Callable[..., dict[str, Any]]) -> list[Path]:
    for name in names:
        if name.endswith(".py"):
            text = HEADER.format(formats=formats) + "# %%\nx = 1\n" if formats else "# %%\nx = 1\n"
        elif name.endswith(".md"):
            text = NOTEBOOKS["jupytext.md"]
        else:
            text = json.dumps(json_of(["x = 1"], jupytext={"formats": formats} if formats else {}))
        (folder / name).write_text(text)
    return forms.find_notebooks(folder, leave_out=lambda name: name.startswith("_"))


def test_of_a_pair_the_text_counts(tmp_path: Path, write_notebook: Callable[..., dict[str, Any]]) -> None:
    found = write(tmp_path, "a.ipynb", "a.py", "b.ipynb", formats="ipynb,py:percent", json_of=write_notebook)
    assert [path.name for path in found] == ["a.py", "b.ipynb"]


@pytest.mark.parametrize("says_so", ["a.ipynb", "a.py"])
def test_one_of_a_pair_says_it_for_both(
    says_so: str, tmp_path: Path, write_notebook: Callable[..., dict[str, Any]]
) -> None:
    other = "a.py" if says_so == "a.ipynb" else "a.ipynb"
    write(tmp_path, says_so, formats="ipynb,auto:percent", json_of=write_notebook)
    assert [path.name for path in write(tmp_path, other, json_of=write_notebook)] == ["a.py"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("jupytext.toml", 'formats = "ipynb,py:percent"\n'),
        ("pyproject.toml", '[tool.jupytext]\nformats = "ipynb,py:percent"\n'),
    ],
)
def test_the_settings_of_jupytext_pair_too(
    file: str, text: str, tmp_path: Path, write_notebook: Callable[..., dict[str, Any]]
) -> None:
    (tmp_path / file).write_text(text)
    found = write(tmp_path, "a.ipynb", "a.py", "b.ipynb", "b.md", json_of=write_notebook)
    assert [path.name for path in found] == ["a.py", "b.ipynb", "b.md"]


def test_two_notebooks_of_one_name_are_an_error_of_both(
    tmp_path: Path, write_notebook: Callable[..., dict[str, Any]]
) -> None:
    found = write(tmp_path, "a.ipynb", "a.py", "b.ipynb", json_of=write_notebook)
    ipynb, text, other = read_contracts(found, root=tmp_path, cache=tmp_path / "cache")
    assert [problem.message for problem in ipynb.problems] == [
        "a.ipynb: a.py beside it has the same name, so both would be the asset 'a'. Delete or rename one of them; or, "
        "where they are two forms of one notebook, say so: jupytext --set-formats ipynb,py:percent a.ipynb"
    ]
    assert "a.py: a.ipynb beside it has the same name" in text.problems[0].message
    assert not other.problems
    (tmp_path / "a.py").unlink()
    (alone, _) = read_contracts([ipynb.path, other.path], root=tmp_path, cache=tmp_path / "cache")
    assert not alone.problems


def test_what_is_left_out_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "_parts").mkdir()
    (tmp_path / "_parts" / "x.py").write_text("# %%\n")
    (tmp_path / "_y.py").write_text("# %%\n")
    assert forms.find_notebooks(tmp_path, leave_out=lambda name: name.startswith("_")) == []


BROKEN = {
    "a Python file without cells": ("a.py", b"x = 1\n", "without cells is no notebook. Begin each cell with"),
    "a Markdown file without header": ("a.md", b"# A\n", "without jupytext's header is no notebook. Write one with"),
    "an empty file": ("a.py", b"\n", "the file is empty. Restore it, or delete it."),
    "another encoding": ("a.py", b"# %%\nx = '\xe9'\n", "the file is not UTF-8 (byte 10 is 0xe9). Save it as UTF-8."),
    "a merge": ("a.py", b"# %%\n<<<<<<< HEAD\nx = 1\n=======\n", "conflict markers of a git merge"),
    "a header that is no YAML": (
        "a.py",
        b"# ---\n# jupyter:\n#   a: b: c\n# ---\n\n# %%\nx = 1\n",
        "cannot be read as jupytext writes them (the header is no YAML: mapping values are not allowed here). Correct",
    ),
    "a header of MyST that is no YAML": ("a.md", b"---\nkernelspec: a: b\n---\n\n```{code-cell}\nx\n```\n", "header"),
    "a header that lacks something": (
        "a.py",
        b"# ---\n# jupyter:\n#   kernelspec:\n#     name: python3\n# ---\n\n# %%\nx = 1\n",
        "(metadata.kernelspec: 'display_name' is a required property)",
    ),
    "a cell's options that are no YAML": (
        "a.md",
        b"---\nkernelspec:\n  name: python3\n  display_name: P\n---\n\n```{code-cell}\n:tags: [a\n\nx\n```\n",
        "Code cell 0 at line 7 could not be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_text_says_what_and_where(name: str, content: bytes, message: str) -> None:
    with pytest.raises(ContractError) as raised:
        parse_notebook(content, path=Path("notebooks") / name)
    assert str(raised.value).startswith(f"notebooks/{name}: ")
    assert message in str(raised.value)


def test_who_has_no_text_notebooks_pays_nothing(
    tmp_path: Path, write_notebook: Callable[..., dict[str, Any]]
) -> None:
    write(tmp_path, "a.ipynb", json_of=write_notebook)
    (tmp_path / "module.py").write_text("x = 1\n")
    code = (
        "import sys; from pathlib import Path; from assetbook.contract import read_contracts; "
        "from assetbook.checking import Checker, find_notebooks; here = Path('.').absolute(); "
        "found = list(find_notebooks([here])); read_contracts(found, root=here); Checker(here).check_file(found[0]); "
        "print(len(found), 'jupytext' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert shown.stdout.split() == ["1", "False"]
