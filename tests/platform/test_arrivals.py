"""What the arrival sensor asks for, looking at real files and a real instance."""

from __future__ import annotations

import os
import time

import dagster as dg
import pytest

from assetbook.errors import WorkspaceError
from assetbook.platform.arrivals import arrival_sensor
from tests.platform.space import Space

ASSETS = """
from pathlib import Path
import pandas as pd
import assetbook as ab
from assetbook.landing import read_csv

@ab.table(landing="flights/flights-{{month}}.csv", partitions={{"month": {partitions!r}}})
def flights(landing: Path) -> pd.DataFrame:
    return read_csv(landing, columns=["a"])

@ab.table(landing="planes.csv")
def planes(landing: Path) -> pd.DataFrame:
    return read_csv(landing, columns=["a"])

@ab.table(partitions={{"month": "like flights"}})
def late(flights: pd.DataFrame) -> pd.DataFrame:
    return flights
"""
SENSOR = """
from assetbook.platform.arrivals import arrival_sensor
from assets.raw import flights, planes

new_files = arrival_sensor("new_files", tables=[flights, planes])
also_late = arrival_sensor("also_late", tables=[flights], also=["late"])
"""


@pytest.fixture
def land(workspace):
    """Put a file into the landing folder, changed some time ago."""

    def put(name: str, text: str = "a\n1\n", *, age: float = 60):
        path = workspace.write(f"data/landing/{name}", text)
        os.utime(path, (time.time() - age,) * 2)
        return path

    return put


@pytest.fixture
def space(workspace, open_space):
    workspace.write("assets/raw.py", ASSETS.format(partitions="monthly from 2020-01 to 2020-03"))
    workspace.write("sensors/raw.py", SENSOR)
    return open_space()


def look(space, sensor="new_files"):
    """Evaluate the sensor as the daemon does."""
    context = dg.build_sensor_context(instance=space.instance, definitions=space.defs)
    return space.defs.resolve_sensor_def(sensor).evaluate_tick(context)


def asked(space, sensor="new_files"):
    return [
        (r.asset_selection[0].to_user_string(), r.partition_key) for r in look(space, sensor).run_requests
    ]


def test_what_is_there_and_not_yet_read_is_asked_for(space, land):
    assert "Every landing file has been read" in look(space).skip_message
    land("flights/flights-2020-02.csv")
    land("planes.csv")

    assert asked(space) == [("flights", "2020-02"), ("planes", None)]
    (first, _) = look(space).run_requests
    assert first.tags["assetbook/reason"] == "flights-2020-02.csv arrived"

    assert space.run("flights", partition="2020-02").success
    assert asked(space) == [("planes", None)]


def test_every_look_asks_with_the_same_key_until_the_table_is_made_anew(space, land):
    land("planes.csv")
    keys = {look(space).run_requests[0].run_key for _ in range(3)}
    assert len(keys) == 1
    space.run("planes")

    land("planes.csv", "a\n2\n")
    (second,) = look(space).run_requests
    space.run("planes")
    land("planes.csv")
    (back,) = look(space).run_requests

    assert second.tags["assetbook/reason"] == "planes.csv changed"
    assert len({*keys, second.run_key, back.run_key}) == 3


def test_a_file_that_cannot_be_read_is_asked_for_with_one_key_only(space, land):
    land("planes.csv", "a\n1")
    (before,) = look(space).run_requests

    result = space.run("planes")

    assert not result.success
    assert [r.run_key for r in look(space).run_requests] == [before.run_key]


def test_files_on_their_way_and_files_of_no_partition(space, land):
    land("flights/.flights-2020-01.csv.123")
    land("flights/flights-2020-01.csv.part")
    land("flights/flights-2020-02.csv", age=0)
    land("flights/flights-2020-09.csv")
    land("flights/flights-backup.csv")

    result = look(space)

    assert result.run_requests == []
    assert "flights-2020-02.csv may still be being written." in result.skip_message
    assert "'2020-09', 'backup', which flights has no partitions for" in result.skip_message


def test_other_assets_of_the_same_run(space, land):
    land("flights/flights-2020-02.csv")

    (request,) = look(space, "also_late").run_requests
    names = [key.to_user_string() for key in request.asset_selection]
    result = space.run(*names, partition=request.partition_key)

    assert names == ["flights", "late"]
    assert result.success
    assert list(space.lake.version("late").partitions) == ["2020-02"]


def test_a_new_file_adds_its_dynamic_partition(workspace, tmp_path, land):
    workspace.write("assets/raw.py", ASSETS.format(partitions="dynamic months"))
    workspace.write("sensors/raw.py", SENSOR)
    land("flights/flights-may.csv")

    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        space = Space(workspace.root, instance)
        # the context that Dagster builds for tests does not let partitions be added
        with dg.SensorEvaluationContext(
            instance_ref=instance.get_ref(), repository_def=space.defs.get_repository_def()
        ) as context:
            result = space.defs.resolve_sensor_def("new_files").evaluate_tick(context)

    (add,) = result.dynamic_partitions_requests
    assert (add.partitions_def_name, list(add.partition_keys)) == ("months", ["may"])
    assert [r.partition_key for r in result.run_requests] == ["may"]


def test_a_table_without_landing_files_is_refused():
    with pytest.raises(WorkspaceError, match=r"is no function with @ab\.table"):
        arrival_sensor("x", tables=[print])
