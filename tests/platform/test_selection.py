from __future__ import annotations

import pytest

from assetbook.errors import WorkspaceError
from tests.platform.planning import make_plan

ASSETS = """
import pandas as pd
import assetbook as ab

@ab.table(landing="a-{month}.csv", partitions={"month": "monthly from 2020-01 to 2020-06"}, owners=["team:ops"])
def flights(landing, month): ...

@ab.table(landing="b.csv", owners=["ann@example.org"])
def weather(landing): ...

@ab.table(group="features", tags={"tier": "gold"})
def features(flights: pd.DataFrame, weather: pd.DataFrame): ...

@ab.table(group="models")
def model(features: pd.DataFrame): ...
"""


@pytest.fixture
def space(workspace, open_space):
    workspace.write("assets/all.py", ASSETS)
    for month in ("2020-01", "2020-02", "2020-04"):
        workspace.write(f"data/landing/a-{month}.csv", "n\n1\n")
    return open_space()


def names(plan):
    return sorted({planned.task.unit.title for planned in plan.tasks})


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("*", "features flights model weather"),
        ("model", "model"),
        ("+model", "features flights model weather"),
        ("1+model", "features model"),
        ("flights+", "features flights model"),
        ("flights+1", "features flights"),
        ("w*", "weather"),
        ('key:"w*"', "weather"),
        ('"weather"', "weather"),
        ("group:raw", "flights weather"),
        ("kind:python and not group:raw", "features model"),
        ("owner:team:ops", "flights"),
        ("owner:ann@example.org", "weather"),
        ("tag:tier=gold or model", "features model"),
        ("not (flights or weather)", "features model"),
        ("sinks(*)", "model"),
        ("+features and group:raw", "flights weather"),
    ],
)
def test_a_selection_names_what_it_names_in_the_web_interface(space, selection, expected):
    assert names(make_plan(space, selection)) == expected.split()


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("flight", "'flight', which is no asset here. Did you mean 'flights'?"),
        ("flights or wether", "'wether', which is no asset here. Did you mean 'weather'?"),
        ("key:nothing", "'nothing', which is no asset here."),
        ("x*", "'x*' names no asset"),
        ("group:rwa", "Groups: Did you mean 'raw'?"),
        ("flights and weather", "names no asset"),
        ("flights or", "cannot be read. Syntax:"),
        ("flights weather", "cannot be read"),
        ("((flights)", "cannot be read"),
        ("flavour:sweet", "cannot be read"),
        ("status:healthy", "cannot be read"),
        ("", "cannot be read"),
        ("+", "cannot be read"),
    ],
)
def test_a_selection_that_cannot_be_meant_is_one_clear_error(space, selection, message):
    with pytest.raises(WorkspaceError) as error:
        make_plan(space, selection)

    assert message in str(error.value)
    assert "\n" not in str(error.value)


def partitions(space, *keys):
    return [planned.task.partition for planned in make_plan(space, "flights", keys=keys).tasks]


def test_without_keys_a_table_has_the_partitions_that_have_arrived(space):
    assert partitions(space) == ["2020-01", "2020-02", "2020-04"]


def test_keys_and_ranges_are_taken_as_they_are_asked_for(space):
    assert partitions(space, "2020-05") == ["2020-05"]
    assert partitions(space, "2020-02..2020-04") == ["2020-02", "2020-03", "2020-04"]
    assert partitions(space, "2020-05..") == ["2020-05", "2020-06"]
    assert partitions(space, "..2020-02", "2020-02", "2020-06") == ["2020-01", "2020-02", "2020-06"]


@pytest.mark.parametrize(
    ("selection", "key", "message"),
    [
        ("flights", "2020-07", "flights has no partition '2020-07'; it has 6 (2020-01 to 2020-06)"),
        ("flights", "2020-02..2021-01", "no partition '2021-01'"),
        ("flights", "2020-04..2020-02", "2020-04 comes after 2020-02. Write 2020-02..2020-04."),
        ("weather", "2020-01", "none of the selected assets has partitions"),
    ],
)
def test_partitions_that_are_not_there_are_refused(space, selection, key, message):
    with pytest.raises(WorkspaceError) as error:
        make_plan(space, selection, keys=[key])

    assert message in str(error.value)


def test_far_too_many_partitions_are_not_run_by_accident(workspace, open_space):
    days = "daily from 2000-01-01 to 2020-01-01"
    workspace.write(
        "assets/days.py",
        f"import assetbook as ab\n\n@ab.table(partitions={{'day': '{days}'}})\ndef days(day): ...\n",
    )
    with pytest.raises(
        WorkspaceError, match=r"days has 7,306 partitions. Say which: --partition 2000-01-01\.\."
    ):
        make_plan(open_space())
