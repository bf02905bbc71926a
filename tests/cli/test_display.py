"""How runs look: small and large terminals, many assets, long names."""

from __future__ import annotations

import io

import pytest
from dagster import AssetKey
from rich.console import Console

from assetbook.cli.display import Lines, Table, state_of
from assetbook.cli.results import Result, number
from assetbook.platform.plan import Plan, Planned
from assetbook.platform.units import Task, Unit


def planned(name, partition=None, *, unit=None, **facts):
    return Planned(Task(unit or a_unit(name), partition), **facts)


def a_unit(name):
    return Unit(name, (AssetKey(name),), "raw", None, None, ())


def drawn(tasks, *, width=80, height=24):
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    table = Table(Plan(tasks, None), console)
    console.print(table._render())
    return console.file.getvalue().splitlines()


def test_each_state_has_its_line_and_none_is_folded():
    tasks = [
        planned("flights", state="done", seconds=1.26, reason="never materialized"),
        planned("weather", state="current", reason="nothing changed since 10:07"),
        planned("model", state="running", detail="cell 7 of 12", reason="flights changed"),
        planned("bad", state="failed", detail="ValueError: wrong\nsecond line"),
        planned("report", reason="model changed"),
        planned("[odd]/name", state="blocked", reason="bad failed"),
    ]

    lines = drawn(tasks)

    words = [" ".join(line.split()) for line in lines]
    assert words.pop(2).startswith("▸ model cell 7 of 12 · ")
    assert words == [
        "✓ flights 1.3 s never materialized",
        "= weather nothing changed since 10:07",
        "✗ bad ValueError: wrong",
        "· report model changed",
        "○ [odd]/name bad failed",
        "4 of 6 · 0 s",
    ]


@pytest.mark.parametrize("width", [20, 40, 80, 300])
def test_no_line_is_wider_than_the_terminal(width):
    tasks = [planned("a_very_long_name_of_an_asset" * 3, state="running", detail="cell 1 of 2 " * 20)]

    lines = drawn(tasks, width=width)

    assert len(lines) == 2
    assert max(map(len, lines)) <= width


def test_partitions_share_a_line():
    unit = a_unit("flights")
    tasks = [planned("flights", f"2013-{n:02}", unit=unit, state="done", seconds=2.0) for n in range(1, 6)]
    tasks.append(planned("flights", "2013-06", unit=unit, state="running", detail="cell 2 of 9"))
    tasks += [planned("flights", f"2013-{n:02}", unit=unit) for n in range(7, 13)]

    first, totals = drawn(tasks)

    assert "flights  5 of 12 partitions  2013-06: cell 2 of 9" in first
    assert totals.startswith("5 of 12")


def test_of_many_assets_the_urgent_ones_are_shown():
    tasks = [planned(f"n{n}", state="current") for n in range(200)]
    tasks[50].state, tasks[150].state = "running", "failed"

    lines = drawn(tasks, height=12)

    assert len(lines) == 9
    assert any("n50 " in line for line in lines)
    assert any("n150" in line for line in lines)
    assert lines[-1].endswith("192 assets not shown")


def test_a_log_has_a_line_for_what_starts_and_ends_and_none_for_what_is_current():
    out = io.StringIO()
    task = planned("flights", reason="never materialized")
    idle = planned("weather")
    lines = Lines(Plan([task, idle], None), Console(file=out, width=200))

    for state in ("waiting", "running", "running", "done", "done"):
        task.state = state
        lines.changed(task)
    idle.state = "current"
    lines.changed(idle)

    assert [line.split()[:2] for line in out.getvalue().splitlines()] == [["▸", "flights"], ["✓", "flights"]]


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ("done done", "done"),
        ("done current", "done"),
        ("done waiting", "waiting"),
        ("failed running", "running"),
        ("failed done", "failed"),
        ("blocked done", "blocked"),
    ],
)
def test_partitions_together_are_in_the_state_that_matters_most(states, state):
    assert state_of([planned("a", state=each) for each in states.split()]) == state


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.76123, "0.761"), (109119.4, "109,119"), (3.0, "3"), (1234567.0, "1,234,567"), (2.34e-05, "2.34e-05"),
     (float("nan"), "nan"), (float("-inf"), "-inf"), (12.345, "12.3")],
)  # fmt: skip
def test_numbers_are_written_as_a_person_reads_them(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (Result(), ""),
        (Result(at=1.0, rows=1), "1 row"),
        (Result(at=1.0, rows=51955, partitions=2), "51,955 rows in 2 partitions"),
        (Result(at=1.0, partitions=2), "2 partitions"),
        (Result(at=1.0, version=3, metrics={"auc": 0.7612, "loss": 0.1}), "version 3 · auc 0.761 · loss 0.1"),
        (Result(at=1.0, report=True), "report"),
    ],
)
def test_a_result_is_a_few_words(result, text):
    assert result.text == text
