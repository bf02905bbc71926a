"""A workspace opened for Dagster, with a temporary instance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from tests.platform.space import Space


@pytest.fixture
def instance(tmp_path: Any) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance with files of its own."""
    home = tmp_path / "dagster"
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as found:
        yield found


@pytest.fixture
def open_space(workspace: Any, instance: dg.DagsterInstance) -> Any:
    """Open the workspace that the test has written."""
    return lambda: Space(workspace.root, instance)
