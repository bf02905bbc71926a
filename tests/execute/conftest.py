from __future__ import annotations

from pathlib import Path

import pytest

from tests.execute.executing import Runner


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Runs notebooks in a workspace of its own."""
    root = tmp_path / "space"
    root.mkdir()
    return Runner(root)
