from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assetbook.lake import Lake, TableVersion

Save = Callable[..., TableVersion]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def save(lake: Lake) -> Save:
    """Stage and publish one table, as a run of its own."""

    def save(name: str, data: Any, *, group: str = "g", partition: str | None = None) -> TableVersion:
        staged = lake.stage(name, data, group=group, run_id="run", partition=partition)
        return lake.publish([staged], stamp={"run_id": "run"})[0]

    return save
