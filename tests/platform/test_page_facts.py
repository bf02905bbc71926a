"""What heads the page of an executed notebook."""

from __future__ import annotations

from typing import Any

import pytest

from assetbook.platform.page_facts import page_facts
from assetbook.record import Record

RUN, MADE_BY = "45a9bf9a-6dfa-4ed7-962c-e9464896beb6", "8d9a0b64-0000-4ed7-962c-e9464896beb6"
FULL: dict[str, Any] = {
    "partition": "2013-03",
    "parameters": {"month": "2013-03", "names": ["a", "b"], "text": "x" * 1000},
    "inputs": {
        "flights": {"kind": "table", "version": 3, "partition": "2013-03", "run_id": MADE_BY},
        "weather": {"kind": "table", "version": 0},
        "planes": {"kind": "table", "version": None},
    },
    "outputs": {
        "delay_model": {"kind": "model", "version": "7"},
        "scores": {"kind": "table", "version": 2, "rows": 27564},
        "unpublished": {"kind": "table", "rows": 5},
    },
    "checks": ({"name": "schema", "passed": True}, {"name": "calibrated", "passed": False}),
    "peak_memory_mb": 1168.4,
    "dagster": {"run_id": RUN, "trigger": {"sentence": "sensor landing: a file for 2013-03"}},
    "mlflow": {"run_id": "c0a75d13"},
    "environment": {"python": "3.11.7", "assetbook": "0.1.0", "packages": 267, "hash": "8b9ac842e5f7f923"},
    "git": {"commit": "10bbc5c860a4b7d7"},
}


def record(**more: Any) -> Record:
    return Record(
        name="flights/delay_model",
        notebook="notebooks/flights/delay_model.ipynb",
        status="success",
        started="2026-11-21T18:23:50.090+00:00",
        finished="2026-11-21T18:23:51.402+00:00",
        seconds=1.312,
        code_version="83b137519b41f9c9",
        assets=("delay_model", "scores"),
        **more,
    )


def test_a_page_tells_how_its_run_went_and_where_to_look_further() -> None:
    assert page_facts(record(**FULL)) == {
        "status": "success",
        "started": "21 Nov 2026, 18:23 UTC",
        "duration": "1.3 s",
        "asset": [("delay_model", "/assets/delay_model"), ("scores", "/assets/scores")],
        "partition": "2013-03",
        "why": "sensor landing: a file for 2013-03",
        "parameters": ["month = 2013-03", "names = ['a', 'b']", f"text = {'x' * 199}…"],
        "inputs": [
            ("flights version 3, 2013-03, of run 8d9a0b64", f"/runs/{MADE_BY}"),
            "weather version 0",
            "planes: nothing there yet",
        ],
        "outputs": ["delay_model version 7", "scores version 2, 27,564 rows"],
        "checks": "1 of 2 failed: calibrated",
        "run": (RUN, f"/runs/{RUN}"),
        "MLflow run": ("c0a75d13", "/mlflow/runs/c0a75d13"),
        "memory": "1,168 MB at most",
        "code": "notebooks/flights/delay_model.ipynb, version 83b13751, at commit 10bbc5c8",
        "environment": "Python 3.11.7, assetbook 0.1.0, 267 packages (8b9ac842)",
        "record": ("record.json", "record.json"),
    }


def test_what_is_not_known_is_left_out() -> None:
    facts = page_facts(record(dagster={"run_id": RUN}, environment=FULL["environment"]))
    assert list(facts) == ["status", "started", "duration", "asset", "run", "code", "environment", "record"]


@pytest.mark.parametrize(("passed", "told"), [([True, True], "2 passed"), ([True], "1 passed")])
def test_checks_that_passed_are_counted(passed: list[bool], told: str) -> None:
    checks = tuple({"name": f"check {n}", "passed": p} for n, p in enumerate(passed))
    assert page_facts(record(checks=checks, dagster={"run_id": RUN}))["checks"] == told
