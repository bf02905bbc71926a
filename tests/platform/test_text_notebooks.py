"""Notebooks in text as assets: run, recorded, shown and edited like any other."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import dagster as dg
import pytest
from starlette.requests import Request
from starlette.responses import Response

from assetbook.component import notebook_definitions
from assetbook.platform.webserver import Webserver
from tests.platform.runs import folder_of, record_of
from tests.platform.space import failure_of

SCRIPT = """\
# %% [markdown]
# # Squares
#
# The first squares.

# %% tags=["parameters"]
rows: int = 3  # how many

# %%
# %matplotlib inline
import pandas as pd

import assetbook as ab

# %%
squares = pd.DataFrame({"n": [n * n for n in range(rows)]})
ab.save("squares", squares)
ab.metric("rows", len(squares))
"""
MARKDOWN = """\
---
kernelspec:
  name: python3
  display_name: Python 3
---

# A report

It counts squares.

```{code-cell}
import assetbook as ab

print(len(ab.load("squares")), "squares")
```
"""


@pytest.fixture
def space(workspace: Any, open_space: Any) -> Any:
    workspace.write("notebooks/maths/squares.py", SCRIPT)
    workspace.write("notebooks/maths/count.md", MARKDOWN)
    workspace.write("notebooks/maths/module.py", "LIMIT = 3\n")
    workspace.write("notebooks/README.md", "# Read me\n")
    return open_space()


def keys(definitions: dg.Definitions) -> set[str]:
    return {key.to_user_string() for key in definitions.resolve_asset_graph().get_all_asset_keys()}


def test_text_notebooks_run_and_leave_their_record(space: Any) -> None:
    assert keys(space.defs) == {"squares", "count"}
    before = {path: path.read_bytes() for path in space.root.rglob("notebooks/**/*") if path.is_file()}
    assert space.run("squares", "count", config={"squares": {"rows": 5}}).success
    assert space.lake.read("squares")["n"].tolist() == [0, 1, 4, 9, 16]
    record = record_of(space, "maths/squares")
    assert record.notebook == "notebooks/maths/squares.py"
    assert (record.parameters, record.metrics) == ({"rows": 5}, {"rows": 5.0})
    executed = json.loads((folder_of(space, "maths/count") / "notebook.ipynb").read_text())
    outputs = [output for cell in executed["cells"] for output in cell.get("outputs", ())]
    assert "".join(outputs[-1]["text"]).endswith("5 squares\n")
    assert "It counts squares." in (folder_of(space, "maths/count") / "notebook.html").read_text()
    assert {
        path: path.read_bytes() for path in space.root.rglob("notebooks/**/*") if path.is_file()
    } == before


def test_a_failure_names_the_cell_of_the_text(space: Any) -> None:
    path = space.root / "notebooks" / "maths" / "squares.py"
    path.write_text(SCRIPT.replace('ab.metric("rows", len(squares))', "squares.nothing"))
    space.reload()
    assert "notebooks/maths/squares.py, cell 3, line 3: AttributeError" in failure_of(space.run("squares"))


def test_an_edit_is_another_version_and_a_touch_is_not(space: Any) -> None:
    def version() -> str | None:
        return space.defs.resolve_asset_graph().get(dg.AssetKey("squares")).code_version  # type: ignore[no-any-return]

    path, before = space.root / "notebooks" / "maths" / "squares.py", version()
    path.write_text(SCRIPT.replace("# The first squares.", "# Some squares."))
    space.reload()
    assert version() == before
    path.write_text(SCRIPT.replace("n * n", "n ** 2"))
    space.reload()
    assert version() != before


def test_a_pair_is_one_asset(space: Any, write_notebook: Any) -> None:
    pair = space.root / "notebooks" / "maths" / "squares.ipynb"
    metadata = {"jupytext": {"formats": "ipynb,py:percent"}}
    pair.write_text(json.dumps(write_notebook(["x = 1"], **metadata)))
    space.reload()
    assert space.run("squares").success
    assert record_of(space, "maths/squares").notebook == "notebooks/maths/squares.py"
    del metadata["jupytext"]["formats"]
    pair.write_text(json.dumps(write_notebook(["x = 1"], **metadata)))
    space.reload()
    assert "squares.ipynb beside it has the same name" in failure_of(space.run("squares"))


def test_the_source_is_shown_in_the_ui(space: Any) -> None:
    shown = space.defs.resolve_asset_graph().get(dg.AssetKey("squares")).metadata["notebook source"]
    assert "squares.py" in shown.value
    page = asked(space, "notebooks/maths/squares.py")
    assert page.status_code == 200
    assert "The first squares." in bytes(page.body).decode()
    for other in ("notebooks/maths/module.py", "resources/local.py", "notebooks/README.md"):
        assert asked(space, other).status_code == 403


def asked(space: Any, path: str) -> Response:
    """Return what the web server answers to who asks for a file as a notebook."""
    server = Webserver.__new__(Webserver)
    server.settings = space.settings
    query = urlencode({"path": str(space.root / path)}).encode()
    return asyncio.run(server.notebook(Request({"type": "http", "query_string": query, "headers": []})))


def test_a_project_of_dagster_has_them_too(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.assetbook]\n")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "squares.py").write_text(SCRIPT)
    (folder / "helper.py").write_text("x = 1\n")
    found = notebook_definitions(folder)
    assert keys(found) == {"squares"}
