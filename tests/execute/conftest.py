from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from assetbook.execute import reserve, warm
from assetbook.execute.warm.supply import Supply
from tests.execute.executing import Runner, ended, server_pid, wait_until


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Runs notebooks in a workspace of its own."""
    root = tmp_path / "space"
    root.mkdir()
    return Runner(root)


@pytest.fixture
def server(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[psutil.Process]:
    """Return a fork server that belongs to this test."""
    monkeypatch.setenv("ASSETBOOK_KERNELS", "warm")
    warm.stop()
    monkeypatch.setenv("XDG_TEST", str(runner.root))  # part of its origin
    monkeypatch.setenv("DATABASE_URL", "postgres://hunter2")
    assert warm.warm_up(runner.root, wait=60)
    found = psutil.Process(server_pid())
    assert "assetbook.execute.warm.serving" in found.cmdline()
    yield found
    warm.stop()
    wait_until(lambda: ended(found.pid), "it stays")


@pytest.fixture
def supply(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Supply]:
    """Return a supply without a fork server."""
    monkeypatch.setenv("ASSETBOOK_KERNELS", "warm")
    monkeypatch.setenv("XDG_TEST", str(tmp_path))
    supply = Supply()
    monkeypatch.setattr("assetbook.execute.warm.supply._SUPPLY", supply)
    monkeypatch.setattr("assetbook.execute.reserve._RESERVE", reserve.Reserve())
    yield supply
    supply.stop()
