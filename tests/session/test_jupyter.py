from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

import assetbook as ab
from assetbook.lake import Lake, TableVersion
from assetbook.session.models import write_model
from assetbook.settings import Settings

Publish = Callable[..., TableVersion]
pytestmark = pytest.mark.filterwarnings("ignore:.*Any type hint:UserWarning")  # MLflow's, at its import

X = pd.DataFrame({"a": np.arange(10.0)})
MODEL = LogisticRegression().fit(X, X.a > 5)


class TestLoad:
    def test_gives_what_the_lake_has_now_and_says_so(
        self, flights: TableVersion, publish: Publish, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert len(ab.load("flights")) == 3
        newer = publish("flights", pd.DataFrame({"origin": ["EWR"], "arr_delay": [0.0]}))
        assert len(ab.load("flights")) == 1
        first, second = capsys.readouterr().out.splitlines()
        assert re.fullmatch(
            rf"flights: 3 rows × 2 columns, lake version {flights.version} of \d{{4}}-\d\d-\d\d \d\d:\d\d",
            first,
        )
        assert f"lake version {newer.version}" in second
        assert len(ab.load(f"flights@{flights.version}")) == 3

    def test_gives_the_same_types_as_a_run(self, publish: Publish, start: Callable[..., Any]) -> None:
        frame = pd.DataFrame(
            {
                "origin": pd.Categorical(["EWR", "JFK"]),
                "dep": pd.to_datetime(["2013-01-01", None]).tz_localize("America/New_York"),
                "seats": pd.array([3, None], dtype="Int64"),
            }
        )
        table = publish("flights", frame)
        here = ab.load("flights")
        start(table)
        pd.testing.assert_frame_equal(ab.load("flights"), here)
        pd.testing.assert_frame_equal(here, frame)

    @pytest.mark.usefixtures("flights")
    def test_of_something_unknown_lists_what_there_is(self) -> None:
        with pytest.raises(ab.AssetbookError, match=r"(?s)never been materialized.*Did you mean 'flights'"):
            ab.load("fligths")

    @pytest.mark.usefixtures("settings")
    def test_before_there_is_a_lake(self) -> None:
        with pytest.raises(ab.AssetbookError, match="There are none yet"):
            ab.load("flights")
        with pytest.raises(ab.AssetbookError, match="There are none yet"):
            ab.sql("select * from flights")

    @pytest.mark.filterwarnings("ignore:.*noload:DeprecationWarning")  # MLflow on SQLAlchemy
    def test_of_a_registered_model_gives_its_newest_version(
        self,
        settings: Settings,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        import mlflow

        mlflow.set_tracking_uri(settings.mlflow)  # MLflow registers in no other store
        for c in (0.5, 2):
            model = LogisticRegression(C=c)
            _register("delay_model", settings=settings, folder=tmp_path / str(c), model=model)
        capsys.readouterr()
        assert ab.load("delay_model").C == 2
        assert ab.load("delay_model@1").C == 0.5
        assert capsys.readouterr().out.splitlines() == [
            "delay_model: LogisticRegression, model version 2",
            "delay_model: LogisticRegression, model version 1",
        ]
        with pytest.raises(ab.AssetbookError, match=r"no version 3\. Known: 1, 2\."):
            ab.load("delay_model", version=3)
        with pytest.raises(ab.AssetbookError, match="never been materialized"):
            ab.load("other_model")


def _register(name: str, *, settings: Settings, folder: Path, model: Any) -> None:
    from mlflow import MlflowClient

    write_model(name, model.fit(X, X.a > 5), sample=X, to=folder, root=settings.root)
    Path(settings.mlflow.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    client = MlflowClient(tracking_uri=settings.mlflow, registry_uri=settings.mlflow)
    if not client.search_registered_models(f"name='{name}'"):
        client.create_registered_model(name)
        client.create_experiment("flights", settings.mlflow_artifacts.as_uri())
    experiment = client.get_experiment_by_name("flights").experiment_id
    logged = client.create_logged_model(experiment, name=name)  # as the platform does it
    client.log_model_artifacts(logged.model_id, str(folder))
    client.finalize_logged_model(logged.model_id, "READY")
    client.create_model_version(name, source=f"models:/{logged.model_id}", model_id=logged.model_id)


class TestSql:
    def test_queries_the_lake_as_it_is(
        self, flights: TableVersion, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = ab.sql("select count(*) as n from flights", as_="polars")
        assert isinstance(found, pl.DataFrame)
        assert found["n"].to_list() == [3]
        assert capsys.readouterr().out == (f"sql: 1 row × 1 column, from flights version {flights.version}\n")

    @pytest.mark.usefixtures("flights")
    def test_takes_frames_and_parameters(self) -> None:
        names = pl.DataFrame({"origin": ["JFK", "LGA"], "name": ["Kennedy", "LaGuardia"]})
        found = ab.sql(
            "select name from flights join names using (origin) where origin = ?",
            params=["LGA"],
            frames={"names": names},
        )
        assert list(found.name) == ["LaGuardia"]
        with pytest.raises(ab.AssetbookError, match="'flights' is also an asset"):
            ab.sql("select * from flights", frames={"flights": names})

    @pytest.mark.usefixtures("flights")
    def test_of_an_unknown_table_says_what_to_run(self) -> None:
        with pytest.raises(ab.AssetbookError, match=r"no data of 'weather'.*assetbook run weather"):
            ab.sql("select * from weather")


class TestSave:
    def test_goes_to_scratch_and_never_to_the_lake(
        self, settings: Settings, flights: TableVersion, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ab.save("flights", pd.DataFrame({"origin": ["EWR"]}))
        assert capsys.readouterr().out == (
            "flights: 1 row × 1 column. In your scratch area: ab.load('flights@scratch'). "
            "`assetbook run flights` makes the real one.\n"
        )
        assert Lake(settings.lake).version("flights") == flights
        assert len(ab.load("flights")) == 3
        assert list(ab.load("flights@scratch").columns) == ["origin"]
        assert "flights: 1 row × 1 column, scratch version 0 of" in capsys.readouterr().out
        assert (settings.scratch / "tables" / "flights").is_dir()
        assert settings.scratch.name == "ada"

    @pytest.mark.usefixtures("settings")
    def test_again_is_fine_and_other_columns_too(self) -> None:
        for frame in (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}), pd.DataFrame({"b": ["x", "y"]})):
            ab.save("features", frame)
            pd.testing.assert_frame_equal(ab.load("features@scratch"), frame)

    @pytest.mark.usefixtures("settings")
    def test_validates(self, capsys: pytest.CaptureFixture[str]) -> None:
        schema = pa.DataFrameSchema({"a": pa.Column(int, pa.Check.ge(0))})
        with pytest.raises(ab.AssetbookError, match=r"(?s)features.*-1.*Nothing was saved"):
            ab.save("features", pd.DataFrame({"a": [-1]}), schema=schema)
        with pytest.raises(ab.AssetbookError, match="not in your scratch area"):
            ab.load("features@scratch")
        ab.save("features", pd.DataFrame({"a": [1]}), schema=schema)
        assert "1 row × 1 column, meets its schema" in capsys.readouterr().out

    @pytest.mark.usefixtures("settings")
    def test_of_no_table_is_an_error(self) -> None:
        with pytest.raises(ab.AssetbookError, match="which is no table"):
            ab.save("features", [1, 2])
        with pytest.raises(ab.AssetbookError, match="a name is a text of letters, digits and _"):
            ab.save("../features", pd.DataFrame({"a": [1]}))


class TestSaveModel:
    def test_goes_to_scratch_and_comes_back(
        self, settings: Settings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for _ in range(2):
            ab.save_model("delay_model", MODEL, sample=X.head(), metrics={"auc": 0.83})
        said = capsys.readouterr().out
        assert said.count("ab.load('delay_model@scratch')") == 2
        assert "auc = 0.83" in said
        np.testing.assert_array_equal(ab.load("delay_model@scratch").coef_, MODEL.coef_)
        assert not Path(settings.mlflow.removeprefix("sqlite:///")).exists()

    @pytest.mark.usefixtures("settings")
    @pytest.mark.parametrize("name", ["../delay_model", "a/b", ".hidden"])
    def test_stays_in_the_scratch_area(self, name: str) -> None:
        with pytest.raises(ab.AssetbookError, match="a name is a text of letters, digits and _"):
            ab.save_model(name, MODEL)


@pytest.mark.usefixtures("settings")
def test_checks_and_metrics_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    ab.check("complete", np.True_, asset="features", metadata={"empty": 0})
    ab.check("fresh", False, blocking=False)
    ab.metric("auc", 0.83)
    ab.metric("rows", np.int64(336776))
    assert capsys.readouterr().out == "✓ complete\n✗ fresh\nauc = 0.83\nrows = 336776\n"
    with pytest.raises(ab.AssetbookError, match="must be a bool"):
        ab.check("complete", "yes")  # type: ignore[arg-type]
    with pytest.raises(ab.AssetbookError, match="must be a number"):
        ab.metric("auc", "high")  # type: ignore[arg-type]


def test_asset_checks_its_options_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no workspace is needed
    ab.asset(owners=["team:ops"], freshness="1d", partitions={"month": "monthly from 2013-01"}, retries=2)
    ab.asset()
    with pytest.raises(ab.AssetbookError, match=r"freshness.*soon"):
        ab.asset(freshness="soon")


def test_without_a_workspace_the_error_says_what_to_do(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ab.AssetbookError, match=r"No workspace here.*workspace\.yaml"):
        ab.load("flights")


def test_works_from_a_folder_of_the_workspace(
    settings: Settings, flights: TableVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.root / "notebooks" / "flights").mkdir(parents=True)
    monkeypatch.chdir(settings.root / "notebooks" / "flights")
    assert len(ab.load("flights")) == 3
