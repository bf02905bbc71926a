from __future__ import annotations

import asyncio
import io
import sys
from types import SimpleNamespace

import pytest

from assetbook.errors import RunError
from assetbook.platform import observer
from assetbook.platform.observer import StepObserver, following


class Log:
    """Takes the place of a step's context and keeps its messages."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.log = SimpleNamespace(info=self.messages.append)
        self.op_execution_context = SimpleNamespace(op_handle=SimpleNamespace(name="delays"))


@pytest.fixture
def log(monkeypatch):
    monkeypatch.setattr(observer, "FLUSH_SECONDS", 0.02)
    return Log()


def within_a_run(work):
    """Call `work` as a run does, from within an event loop; what it leaves to a timer comes too."""

    async def main():
        work()
        await asyncio.sleep(0.1)

    asyncio.run(main())


def test_what_happens_at_one_time_is_one_message(log):
    seen = StepObserver(log)

    def work():
        seen.cell_started(1, 2)
        seen.cell_finished(1, 2, 0.1)
        seen.cell_started(2, 2)
        seen.text("stdout", "half a ")
        seen.text("stdout", "line")
        seen.event({"event": "load", "name": "flights", "version": 3, "rows": 1234})

    within_a_run(work)

    assert log.messages == ["cell 1 of 2\ncell 2 of 2\nhalf a line\nload flights, version 3: 1,234 rows"]
    assert [(c.number, c.status) for c in seen.cells] == [(1, "ok")]


def test_a_line_comes_out_though_nothing_follows(log):
    seen = StepObserver(log)

    within_a_run(lambda: seen.text("stdout", "still here\n"))

    assert log.messages == ["still here"]


def test_events_after_the_last_cell_come_out_at_the_end(log):
    seen = StepObserver(log)

    seen.event({"event": "log", "message": "note"})
    seen.flush()

    assert log.messages == ["note"]
    assert [e["message"] for e in seen.events] == ["note"]


def test_the_event_log_is_told_of_much_output_in_short(log, capsys, monkeypatch):
    monkeypatch.setattr(observer, "STEP_LIMIT", 20_000)
    seen = StepObserver(log)

    def work():
        for _ in range(100):
            for _ in range(10):
                seen.text("stdout", "x" * 999 + "\n")
            seen.flush()
        seen.cell_started(2, 2)

    within_a_run(work)

    assert sum(map(len, log.messages)) < 21_000
    assert log.messages[0].endswith("… and 2,000 characters more: see the step's stdout")
    assert log.messages[-1] == "cell 2 of 2\n… and 970,000 characters more: see the step's stdout"
    assert len(capsys.readouterr().out) == 1_000_000


def test_colours_and_overwritten_lines_are_left_out(log):
    seen = StepObserver(log)

    within_a_run(lambda: seen.text("stderr", "10%\r50%\r\x1b[32m100%\x1b[0m\r\ndone\n"))

    assert log.messages == ["100%\ndone"]


def test_what_the_log_file_cannot_hold_is_escaped(log, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    seen = StepObserver(log)

    within_a_run(lambda: seen.text("stdout", "Zürich \ud800"))

    assert raw.getvalue() == b"Z\\xfcrich \\ud800"


def test_a_full_disk_under_the_logs_is_said(log, monkeypatch):
    class Full(io.StringIO):
        encoding = "utf-8"

        def write(self, text):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())

    with pytest.raises(RunError, match=r"No space left on device\. Free space"):
        StepObserver(log).text("stdout", "x")


def test_somebody_in_this_process_follows_the_cells(log):
    heard = []
    follower = SimpleNamespace(cell_started=lambda *facts: heard.append(facts))
    with following(follower):
        seen = StepObserver(log)

    within_a_run(lambda: seen.cell_started(7, 12))

    assert heard == [("delays", 7, 12)]
