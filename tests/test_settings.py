from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assetbook.errors import WorkspaceError
from assetbook.execute.warm import preload, supply
from assetbook.platform.workspace import Workspace
from assetbook.settings import Settings


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("colour = 'red'", r"unknown settings \['colour'\]. Known: data, lake, mlflow, preload"),
        ("preload = 'lightgbm'", r"preload is 'lightgbm'. Expected modules by name"),
        ("preload = ['lightgbm', 1]", r"preload is \['lightgbm', 1\]"),
    ],
)
def test_wrong_settings_are_refused(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.assetbook]\n{table}\n")
    with pytest.raises(WorkspaceError, match=message):
        Settings.load(tmp_path)


def test_a_workspace_names_libraries_for_warm_kernels(
    workspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supply, "_SUPPLY", supply.Supply())
    workspace.write("pyproject.toml", "[tool.assetbook]\npreload = ['wave']\n")
    Workspace.load(workspace.root)
    assert supply._SUPPLY._modules == (*preload.MODULES, "wave")
