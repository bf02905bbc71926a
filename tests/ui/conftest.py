from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import chromium
from tests.ui import space
from tests.ui.space import Interface

__all__ = ["chromium"]


@pytest.fixture(scope="session")
def interface(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    """Give the user interface of a workspace that has been run once."""
    root = tmp_path_factory.mktemp("ui") / space.NAME
    space.write(root)
    ran = space.assetbook(root, "run")
    assert ran.returncode == 1, ran.stdout + ran.stderr  # one notebook fails
    assert "4 ran, 1 failed" in ran.stdout
    with space.serving(root) as served:
        yield served
