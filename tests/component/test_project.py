"""Notebooks among the other assets of a project: what they load, what is asked of Dagster, what is refused."""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context` itself.

import logging
import subprocess
import sys
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from assetbook.component import notebook_definitions
from assetbook.errors import AssetbookError, WorkspaceError
from assetbook.lake import Lake
from assetbook.platform.broken import BROKEN_TAG
from assetbook.session.jupyter import JupyterSession
from assetbook.settings import Settings
from tests.component.conftest import Project, run

BOOKS = "src/shop/notebooks"
TOTAL = ["import assetbook as ab\norders = ab.load('orders')", "ab.save('total', orders[['amount']])"]


@dg.asset(io_manager_key="assetbook")
def orders() -> pd.DataFrame:
    return pd.DataFrame({"day": ["a", "b"], "amount": [1.0, 2.0]})


def definitions(project: Project, *own: Any, **more: Any) -> dg.Definitions:
    return dg.Definitions.merge(
        dg.Definitions(assets=own, **more), notebook_definitions(project.root / BOOKS)
    )


def names_of(found: dg.Definitions) -> list[str]:
    assets = [asset for asset in found.assets or () if isinstance(asset, dg.AssetsDefinition)]
    return sorted(key.to_user_string() for asset in assets for key in asset.keys)


def failure_of(result: Any) -> str:
    (event,) = [e for e in result.all_events if e.event_type is dg.DagsterEventType.STEP_FAILURE]
    return str(event.step_failure_data.user_failure_data.description)


# ---- what they load


def test_a_notebook_stands_between_assets_of_the_project(
    project: Project, instance: dg.DagsterInstance
) -> None:
    received = []

    @dg.asset
    def letter(total: pd.DataFrame) -> None:
        received.append(total["amount"].tolist())

    project.notebook(f"{BOOKS}/total.ipynb", TOTAL)
    merged = definitions(project, orders, letter)

    result = run(merged, "orders", "total", "letter", on=instance)

    assert result.success, failure_of(result)
    assert received == [[1.0, 2.0]]
    assert set(merged.resources or {}) == {"assetbook", "assetbook_mlflow"}


def test_the_io_manager_of_the_project_keeps_its_own_assets(
    project: Project, instance: dg.DagsterInstance
) -> None:
    kept: dict[str, Any] = {}

    class Memory(dg.IOManager):
        def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
            kept[context.asset_key.to_user_string()] = obj

        def load_input(self, context: dg.InputContext) -> Any:
            return kept[context.asset_key.to_user_string()]

    @dg.asset
    def raw() -> list[int]:
        return [1]

    project.notebook(f"{BOOKS}/total.ipynb", TOTAL)
    merged = definitions(project, raw, orders, resources={"io_manager": Memory()})

    assert run(merged, "raw", "orders", "total", on=instance).success
    assert kept == {"raw": [1]}


OWN = """
import dagster as dg
import pandas as pd


@dg.asset(io_manager_key="assetbook")
def orders() -> pd.DataFrame:
    return pd.DataFrame({"amount": [1.0]})


@dg.asset
def elsewhere() -> int:
    return 1


@dg.asset(io_manager_key="assetbook")
def nothing() -> dg.MaterializeResult:
    return dg.MaterializeResult()


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions(assets=[orders, elsewhere, nothing], executor=dg.in_process_executor)
"""
SAID = {
    "ordes": "Nothing in this project makes 'ordes'. Did you mean 'orders'? Known: elsewhere, nothing, orders",
    "orders": "'orders' has never been materialized. Run `dg launch --assets orders` first.",
    "elsewhere": (
        "'elsewhere' is kept by the IO manager 'io_manager' of this project, and notebooks read the lake. Keep it "
        'there, with @dg.asset(io_manager_key="assetbook"). Or leave it where it is, and load another asset that '
        "takes 'elsewhere' and is kept in the lake."
    ),
    "nothing": (
        "'nothing' has been materialized, but there is no table of it in the lake. What an asset returns is kept "
        "there: return the table, and run `dg launch --assets nothing`."
    ),
}


def test_what_is_not_in_the_lake_is_refused_in_the_cell_that_loads_it(created: Project) -> None:
    created.write("src/shop/defs/own.py", OWN)
    created.write("src/shop/defs/sales/defs.yaml", "type: assetbook.NotebookAssets")
    for name in SAID:
        cells = ["import assetbook as ab", f"ab.load('{name}')"]
        created.notebook(f"src/shop/defs/sales/notebooks/use_{name}.ipynb", cells)
    created.call("dg", "launch", "--assets", "elsewhere,nothing")

    said = created.call("dg", "launch", "--assets", ",".join(f"use_{name}" for name in SAID), code=1)

    for name, message in SAID.items():
        assert f"/use_{name}.ipynb, cell 2, line 1: SessionError: {message}" in said


def test_a_model_of_another_component_can_be_loaded(project: Project, instance: dg.DagsterInstance) -> None:
    train = "import assetbook as ab\nfrom sklearn.dummy import DummyClassifier\nimport pandas as pd"
    fit = "x = pd.DataFrame({'a': [1.0, 2.0]})\nab.save_model('dummy', DummyClassifier().fit(x, [0, 1]), sample=x)"
    project.notebook("src/shop/training/train.ipynb", [train, fit])
    project.notebook(f"{BOOKS}/use.ipynb", ["import assetbook as ab", "print(ab.load('dummy').classes_)"])
    training = notebook_definitions(project.root / "src/shop/training")
    merged = dg.Definitions.merge(training, notebook_definitions(project.root / BOOKS))

    assert run(merged, "dummy", on=instance).success
    result = run(merged, "use", on=instance)

    assert result.success, failure_of(result)


# ---- partitions


DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-04")
DAILY = "ab.asset(partitions={'day': 'daily from 2024-01-01 to 2024-01-03'})"


@dg.asset(io_manager_key="assetbook", partitions_def=DAYS)
def visits(context: dg.AssetExecutionContext) -> pd.DataFrame:
    return pd.DataFrame({"day": [context.partition_key]})


def test_partitions_of_a_notebook_are_those_of_the_project(
    project: Project, instance: dg.DagsterInstance
) -> None:
    project.notebook(
        f"{BOOKS}/daily.ipynb",
        ["import assetbook as ab", DAILY, "ab.save('of_day', ab.load('visits', partition=day))"],
        parameters="day: str = '2024-01-01'",
    )
    merged = definitions(project, visits)
    for key in ("2024-01-01", "2024-01-02"):
        assert run(merged, "visits", on=instance, partition=key).success

    result = run(merged, "of_day", on=instance, partition="2024-01-02")

    assert result.success, failure_of(result)
    lake = Lake(Settings.of_project(project.root / BOOKS).lake)
    assert lake.read("of_day")["day"].tolist() == ["2024-01-02"]


def test_the_whole_of_an_asset_is_a_dependency_on_all_of_its_partitions(
    project: Project, instance: dg.DagsterInstance
) -> None:
    project.notebook(
        f"{BOOKS}/so_far.ipynb",
        ["import assetbook as ab", DAILY, "ab.save('so_far', ab.load('visits'))", "ab.load('orders')"],
        parameters="day: str = '2024-01-01'",
    )
    merged = definitions(project, visits, orders)
    graph = merged.resolve_asset_graph()

    for name in ("visits", "orders"):  # which has none
        mapping = graph.get_partition_mapping(dg.AssetKey("so_far"), dg.AssetKey(name))
        assert mapping == dg.AllPartitionMapping()
    assert run(merged, "visits", on=instance, partition="2024-01-01").success
    assert run(merged, "orders", on=instance).success
    result = run(merged, "so_far", on=instance, partition="2024-01-03")
    assert result.success, failure_of(result)


def test_partitions_like_those_of_an_asset_of_the_project_are_refused(project: Project) -> None:
    project.notebook(
        f"{BOOKS}/daily.ipynb",
        ["import assetbook as ab", "ab.asset(partitions={'day': 'like visits'})\nab.load('visits')"],
        parameters="day: str = '2024-01-01'",
    )

    (spec,) = (s for s in definitions(project, visits).resolve_all_asset_specs() if BROKEN_TAG in s.tags)

    assert "its partitions are 'like visits', which no notebook here gives" in str(spec.description)


# ---- what the project is told


def test_a_broken_notebook_is_told_and_the_others_work(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.notebook(f"{BOOKS}/total.ipynb", TOTAL)
    project.write(f"{BOOKS}/broken.ipynb", "{")

    with caplog.at_level(logging.WARNING):
        found = definitions(project, orders)

    assert names_of(found) == ["broken", "orders", "total"]
    assert "shop/notebooks/broken.ipynb: the file is not JSON" in caplog.text


def test_a_broken_notebook_fails_where_the_project_is_checked(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(f"{BOOKS}/broken.ipynb", "{")
    monkeypatch.setenv("DAGSTER_IS_DEFS_VALIDATION_CLI", "1")

    with pytest.raises(WorkspaceError, match=r"shop/notebooks/broken\.ipynb: the file is not JSON"):
        definitions(project)


def test_computations_are_called_like_their_first_asset(project: Project) -> None:
    project.notebook(
        f"{BOOKS}/orders.ipynb", TOTAL
    )  # the name of the file is that of an asset of the project
    project.notebook(f"{BOOKS}/two.ipynb", ["import assetbook as ab", "ab.save('b', 1)\nab.save('a', 1)"])

    merged = definitions(project, orders)

    merged.get_repository_def().load_all_definitions()
    names = {a.node_def.name for a in merged.assets or () if isinstance(a, dg.AssetsDefinition)}
    assert names == {"orders", "total", "b"}


def test_the_folder_of_the_notebooks_has_to_be_there(project: Project) -> None:
    with pytest.raises(WorkspaceError, match=r"There is no folder of notebooks .*none"):
        notebook_definitions(project.root / "none")


def test_executed_notebooks_are_no_assets(project: Project) -> None:
    project.notebook("total.ipynb", TOTAL)
    project.notebook("data/records/total/1/notebook.ipynb", TOTAL)
    project.notebook(".ipynb_checkpoints/total-checkpoint.ipynb", TOTAL)

    found = notebook_definitions(project.root)

    assert names_of(found) == ["total"]


# ---- Jupyter


def test_jupyter_says_how_an_asset_of_the_project_is_made(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project.root / BOOKS
    folder.mkdir()
    monkeypatch.chdir(folder)
    session = JupyterSession(Settings.load())

    session.save("total", pd.DataFrame({"a": [1]}), schema=None)

    assert "`dg launch --assets total` makes the real one." in capsys.readouterr().out
    with pytest.raises(AssetbookError) as refused:
        session.load("orders", columns=None, version=None, partition=None, as_="pandas")
    assert str(refused.value).endswith(
        "To make it, run `dg launch --assets orders`. An asset of the project's own code is here if it has "
        '@dg.asset(io_manager_key="assetbook").'
    )


# ---- what it costs others


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import assetbook\ndir(assetbook)\nhelp(assetbook)", "dagster"),
        (
            "import dagster\nimport assetbook\n[getattr(assetbook, name) for name in dir(assetbook)]",
            "assetbook.platform",
        ),
    ],
)
def test_looking_for_components_imports_only_what_it_must(statement: str, absent: str) -> None:
    code = f"{statement}\nimport sys\nprint({absent!r} in sys.modules, 'NotebookAssets' in dir(assetbook))"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.splitlines()[-1] == f"False {absent != 'dagster'}"
