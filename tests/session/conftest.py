"""A workspace with a small lake, and runs of notebooks in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assetbook.lake import Lake, TableVersion
from assetbook.session.context import VARIABLE, Pin, RunContext, TablePin
from assetbook.session.events import Event, EventReader
from assetbook.settings import Settings

FLIGHTS = pd.DataFrame({"origin": ["EWR", "JFK", "LGA"], "arr_delay": [11.0, None, -4.0]})


@pytest.fixture
def settings(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of an empty workspace, which is the current folder; no run is going on."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("USER", "ada")
    return Settings.load()


@pytest.fixture
def publish(settings: Settings) -> Callable[..., TableVersion]:
    """Put a table, or one partition of it, into the workspace's lake."""

    def publish(name: str, data: Any, *, partition: str | None = None) -> TableVersion:
        lake = Lake(settings.lake)
        staged = lake.stage(name, data, group="raw", run_id="0" * 32, partition=partition)
        return lake.publish([staged], stamp={"run_id": "0" * 32})[0]

    return publish


@pytest.fixture
def flights(publish: Callable[..., TableVersion]) -> TableVersion:
    return publish("flights", FLIGHTS)


@dataclass(frozen=True)
class Run:
    """A run as its notebook sees it, and what the platform hears of it."""

    context: RunContext
    reader: EventReader

    def events(self, kind: str) -> list[Event]:
        return [event for event in self.reader.poll() if event["event"] == kind]


@pytest.fixture
def start(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Begin a run; the public functions then belong to it."""

    def start(*tables: TableVersion, pins: dict[str, Pin] | None = None, **declared: Any) -> Run:
        folder = tmp_path / "run"
        folder.mkdir()
        context = RunContext(
            run_id="f" * 32,
            asset="flight_features",
            notebook="notebooks/flights/flight_features.ipynb",
            root=str(settings.root),
            lake=settings.lake,
            events=str(folder / "events.jsonl"),
            artifacts=str(folder / "artifacts"),
            pins={table.name: TablePin(table) for table in tables} | (pins or {}),
        )
        context = replace(context, **declared)
        context.write(folder / "context.json")
        monkeypatch.setenv(VARIABLE, str(folder / "context.json"))
        return Run(context, EventReader(context.events))

    return start
