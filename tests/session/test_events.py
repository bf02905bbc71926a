from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from assetbook.session.events import EventReader, append


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_a_reader_gets_every_event_once_in_order(path: Path) -> None:
    reader = EventReader(path)
    append(path, {"event": "metric", "name": "auc", "value": 0.83})
    append(path, {"event": "metric", "name": "délai", "value": 1})
    assert [event["name"] for event in reader.poll()] == ["auc", "délai"]
    assert reader.poll() == []
    append(path, {"event": "metric", "name": "late", "value": 2})
    assert [event["name"] for event in reader.poll()] == ["late"]


def test_a_file_that_is_not_there_yet_has_no_events(path: Path) -> None:
    assert EventReader(path).poll() == []


def test_an_incomplete_line_waits_for_its_end(path: Path) -> None:
    reader = EventReader(path)
    with path.open("a") as file:
        file.write('{"event": "a"}\n{"event"')
        file.flush()
        assert reader.poll() == [{"event": "a"}]
        file.write(': "b"}\n')
    assert reader.poll() == [{"event": "b"}]


def test_events_of_several_threads_do_not_mix(path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: append(path, {"n": n, "text": "x" * 5000}), range(200)))
    assert sorted(event["n"] for event in EventReader(path).poll()) == list(range(200))


def test_values_that_json_does_not_know_become_their_nearest(path: Path) -> None:
    append(
        path,
        {
            "numpy": np.int64(3),
            "flag": np.bool_(True),
            "nan": math.nan,
            "day": date(2013, 3, 1),
            "decimal": Decimal("1.50"),
            "time": np.datetime64("2013-03-01T00:00:00"),
            "set": {1},
        },
    )
    [event] = EventReader(path).poll()
    assert math.isnan(event.pop("nan"))
    assert event == {
        "numpy": 3,
        "flag": True,
        "day": "2013-03-01",
        "decimal": "1.50",
        "time": "2013-03-01 00:00:00",
        "set": [1],
    }


@pytest.mark.skipif(os.name == "nt", reason="file modes are POSIX's")
def test_only_the_owner_can_read_events(path: Path) -> None:
    append(path, {"event": "log"})
    assert path.stat().st_mode & 0o077 == 0
