from __future__ import annotations

import math
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from sklearn.linear_model import LogisticRegression

import assetbook as ab
from assetbook.lake import Lake, StagedTable, TableVersion
from assetbook.session.context import VARIABLE, DeclaredCheck, DeclaredOutput, MissingPin, ModelPin
from assetbook.session.models import write_model
from assetbook.settings import Settings

Start = Callable[..., Any]
FEATURES = DeclaredOutput("table", "features")
SCHEMA = pa.DataFrameSchema(
    {"origin": pa.Column(str), "delay": pa.Column(float, pa.Check.ge(0), coerce=True)}
)


class TestLoad:
    def test_reads_the_pinned_version_and_reports_it(
        self, start: Start, flights: TableVersion, publish: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run = start(flights)
        publish("flights", pd.DataFrame({"origin": ["EWR"], "arr_delay": [0.0]}))
        assert list(ab.load("flights").origin) == ["EWR", "JFK", "LGA"]
        [event] = run.events("load")
        assert event == {
            "event": "load",
            "name": "flights",
            "version": flights.version,
            "data_version": flights.data_version,
            "rows": 3,
            "partition": None,
        }
        assert f"flights: 3 rows × 2 columns, lake version {flights.version} of 20" in capsys.readouterr().out

    def test_travels_in_time_within_a_declared_table(
        self, start: Start, flights: TableVersion, publish: Any
    ) -> None:
        newer = publish("flights", pd.DataFrame({"origin": ["EWR"], "arr_delay": [0.0]}))
        run = start(newer)
        assert len(ab.load(f"flights@{flights.version}")) == 3
        assert len(ab.load("flights", version=flights.version)) == 3
        assert len(ab.load("flights")) == 1
        assert [e["version"] for e in run.events("load")] == [flights.version, flights.version, newer.version]

    def test_gives_columns_and_forms(self, start: Start, flights: TableVersion) -> None:
        start(flights)
        assert list(ab.load("flights", columns=["origin"], as_="polars").columns) == ["origin"]
        assert ab.load("flights", as_="arrow").num_rows == 3
        assert ab.load("flights", as_="relation").count("*").fetchall() == [(3,)]

    def test_gives_partitions(self, start: Start, publish: Any) -> None:
        frame = pd.DataFrame({"origin": ["EWR"]})
        publish("flights", frame, partition="2013-01")
        run = start(publish("flights", frame, partition="2013-02"))
        assert len(ab.load("flights")) == 2
        assert len(ab.load("flights", partition="2013-01")) == 1
        assert len(ab.load("flights", partition=["2013-01", "2013-02"])) == 2
        assert [e["partition"] for e in run.events("load")] == [None, "2013-01", ["2013-01", "2013-02"]]
        with pytest.raises(ab.AssetbookError, match=r"no partition '2013-03'.*2013-01, 2013-02"):
            ab.load("flights", partition="2013-03")

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: ab.load("fligths"), r"was not read.*literal name.*Did you mean 'flights'"),
            (lambda: ab.load("planes"), r"'planes' has never been materialized.*assetbook run planes"),
            (lambda: ab.load("flights@scratch"), r"exist in Jupyter only\. Load 'flights'"),
            (lambda: ab.load("flights", columns=["orign"]), r"no column 'orign'.*'origin'"),
            (lambda: ab.load("flights", version=99), "no version 99"),
            (lambda: ab.load("flights", as_="spark"), "spark"),  # type: ignore[arg-type]
            (lambda: ab.load("flights", partition="EWR"), "not partitioned"),
        ],
    )
    def test_refuses_what_is_not_there(
        self, call: Callable[[], object], message: str, start: Start, flights: TableVersion
    ) -> None:
        run = start(flights, pins={"planes": MissingPin()})
        with pytest.raises(ab.AssetbookError, match=message):
            call()
        assert run.events("load") == []


class TestSql:
    def test_queries_pinned_tables_and_reports_them(
        self, start: Start, flights: TableVersion, publish: Any
    ) -> None:
        run = start(flights)
        publish("flights", pd.DataFrame({"origin": ["EWR"], "arr_delay": [0.0]}))
        found = ab.sql("with late as (select * from flights where arr_delay > $limit) select origin from late",
                       params={"limit": 0})  # fmt: skip
        assert list(found.origin) == ["EWR"]
        assert [(e["name"], e["version"]) for e in run.events("load")] == [("flights", flights.version)]

    def test_joins_frames_of_the_notebook(self, start: Start, flights: TableVersion) -> None:
        start(flights)
        names = pd.DataFrame({"origin": ["JFK"], "name": ["Kennedy"]})
        found = ab.sql(
            "select name from flights join names using (origin)", frames={"names": names}, as_="arrow"
        )
        assert found.to_pydict() == {"name": ["Kennedy"]}

    def test_travels_in_time(self, start: Start, flights: TableVersion, publish: Any) -> None:
        start(publish("flights", pd.DataFrame({"origin": ["EWR"], "arr_delay": [0.0]})))
        query = (
            f"select (select count(*) from flights) as now, count(*) as before from flights@{flights.version}"
        )
        assert ab.sql(query).iloc[0].to_dict() == {"now": 1, "before": 3}

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: ab.sql("select * from weather"), r"sql.* of 'weather' was not read"),
            (lambda: ab.sql("select * from planes"), "never been materialized"),
            (lambda: ab.sql("select * from delay_model"), "is a model, not a table"),
            (lambda: ab.sql("selec"), "sql"),
            (lambda: ab.sql(3), "must be a text, found int"),  # type: ignore[arg-type]
            (lambda: ab.sql("select nope from flights"), "nope"),
            (lambda: ab.sql("select * from flights", as_="spark"), "no such form"),  # type: ignore[arg-type]
            (lambda: ab.sql("select * from flights", frames={"flights": pd.DataFrame()}), "is also an asset"),
        ],
    )
    def test_refuses_what_is_not_there(
        self, call: Callable[[], object], message: str, start: Start, flights: TableVersion
    ) -> None:
        run = start(flights, pins={"planes": MissingPin(), "delay_model": ModelPin("/m", "1")})
        with pytest.raises(ab.AssetbookError, match=message):
            call()
        assert run.events("load") == []


class TestSave:
    def test_stages_what_the_platform_can_publish(
        self, start: Start, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run = start(outputs={"flight_features": FEATURES})
        ab.save("flight_features", pd.DataFrame({"origin": ["EWR", "JFK"], "delay": [1.0, 2.0]}))
        lake = Lake(run.context.lake)
        assert not lake.exists("flight_features")
        [event] = run.events("save")
        assert event["preview"] == [{"origin": "EWR", "delay": 1.0}, {"origin": "JFK", "delay": 2.0}]
        assert [column["name"] for column in event["columns"]] == ["origin", "delay"]
        assert event["schema"] is None
        [published] = lake.publish([StagedTable.from_json(event["staged"])], stamp={"run_id": "1"})
        assert (published.name, published.group, published.rows) == ("flight_features", "features", 2)
        assert "staged until the notebook has succeeded" in capsys.readouterr().out

    def test_writes_the_partition_of_the_run(self, start: Start) -> None:
        run = start(outputs={"flight_features": DeclaredOutput("table", "features", "2013-01")})
        ab.save("flight_features", pd.DataFrame({"a": [1]}))
        assert run.events("save")[0]["staged"]["partition"] == "2013-01"

    def test_keeps_what_the_schema_coerces(self, start: Start) -> None:
        run = start(outputs={"flight_features": FEATURES})
        ab.save("flight_features", pd.DataFrame({"origin": ["EWR"], "delay": ["1.5"]}), schema=SCHEMA)
        [event] = run.events("save")
        assert event["schema"]["passed"] is True
        assert [column["name"] for column in event["schema"]["columns"]] == ["origin", "delay"]
        [published] = Lake(run.context.lake).publish([StagedTable.from_json(event["staged"])], stamp={})
        assert Lake(run.context.lake).read(published).delay.tolist() == [1.5]

    def test_a_violated_schema_is_reported_and_shown(self, start: Start) -> None:
        run = start(outputs={"flight_features": FEATURES})
        bad = pd.DataFrame({"origin": ["EWR"] * 30, "delay": [-1.0] * 30})
        with pytest.raises(
            ab.AssetbookError, match=r"(?s)flight_features.*-1.*and 25 more.*Nothing was saved"
        ):
            ab.save("flight_features", bad, schema=SCHEMA)
        [event] = run.events("schema")
        assert (event["name"], event["passed"], event["count"]) == ("flight_features", False, 30)
        assert len(event["failures"]) == 20
        assert run.events("save") == []
        ab.save("flight_features", bad.assign(delay=1.0), schema=SCHEMA)  # another try is allowed

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (
                lambda: ab.save("fligth_features", pd.DataFrame()),
                r"was not read.*Did you mean 'flight_features'",
            ),
            (lambda: ab.save("delay_model", pd.DataFrame({"a": [1]})), "is a model. Use ab.save_model"),
            (lambda: ab.save("flight_features", {"a": [1]}), r"which is no table.*pd\.DataFrame"),
            (lambda: ab.save("flight_features", np.array([1])), "ndarray"),
            (lambda: ab.save("flight_features", None), "NoneType"),
            (lambda: ab.save("flight_features", pd.DataFrame({"a": [1]}), schema="strict"), "schema"),
        ],
    )
    def test_refuses_what_is_no_declared_table(
        self, call: Callable[[], object], message: str, start: Start
    ) -> None:
        run = start(outputs={"flight_features": FEATURES, "delay_model": DeclaredOutput("model", "models")})
        with pytest.raises(ab.AssetbookError, match=message):
            call()
        assert run.events("save") == []

    def test_saves_a_name_once(self, start: Start) -> None:
        start(outputs={"flight_features": FEATURES})
        ab.save("flight_features", pd.DataFrame({"a": [1]}))
        with pytest.raises(ab.AssetbookError, match="saved twice in one run"):
            ab.save("flight_features", pd.DataFrame({"a": [2]}))


class TestSaveModel:
    X = pd.DataFrame({"a": np.arange(10.0)})

    def test_writes_a_model_that_another_run_loads(self, start: Start) -> None:
        run = start(outputs={"delay_model": DeclaredOutput("model", "models")})
        model = LogisticRegression().fit(self.X, self.X.a > 5)
        ab.save_model("delay_model", model, sample=self.X.head(3), metrics={"auc": np.float64(0.83)})
        [event] = run.events("model")
        assert event["path"].startswith(run.context.artifacts)
        assert event["metrics"] == {"auc": 0.83}
        assert (event["sample_rows"], event["answers"]) == (3, "predict_proba")
        assert '"name": "a"' in event["signature"]["inputs"]

    def test_a_pinned_model_is_loaded_as_it_was_saved(
        self, start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        model = LogisticRegression().fit(self.X, self.X.a > 5)
        write_model("delay_model", model, sample=self.X, to=tmp_path / "model", root=tmp_path)
        run = start(pins={"delay_model": ModelPin(str(tmp_path / "model"), "7")})
        np.testing.assert_array_equal(ab.load("delay_model").coef_, model.coef_)
        assert [(e["name"], e["version"], e["rows"]) for e in run.events("load")] == [
            ("delay_model", "7", None)
        ]
        assert capsys.readouterr().out == "delay_model: LogisticRegression, model version 7\n"
        with pytest.raises(ab.AssetbookError, match=r"here 7\. Leave the version out"):
            ab.load("delay_model", version=3)

    def test_refuses_bad_metrics_before_writing(self, start: Start) -> None:
        run = start(outputs={"delay_model": DeclaredOutput("model", "models")})
        model = LogisticRegression().fit(self.X, self.X.a > 5)
        with pytest.raises(ab.AssetbookError, match="metric 'auc': the value must be a number, found str"):
            ab.save_model("delay_model", model, metrics={"auc": "high"})
        assert run.events("model") == []

    def test_refuses_a_table_and_an_undeclared_name(self, start: Start) -> None:
        start(outputs={"flight_features": FEATURES})
        with pytest.raises(ab.AssetbookError, match=r"is a table\. Use ab.save"):
            ab.save_model("flight_features", LogisticRegression())
        with pytest.raises(ab.AssetbookError, match="'other' was not read"):
            ab.save_model("other", LogisticRegression())


class TestCheck:
    CHECKS = (
        DeclaredCheck("flight_features", "complete"),
        DeclaredCheck("flight_features", "fresh", blocking=False),
    )

    def test_reports_and_goes_on_when_it_fails(
        self, start: Start, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run = start(checks=self.CHECKS)
        ab.check("complete", np.False_, description="no gaps", metadata={"empty": np.int64(3)})
        ab.check("fresh", True, blocking=False)
        first, second = run.events("check")
        assert first == {
            "event": "check",
            "asset": "flight_features",
            "name": "complete",
            "passed": False,
            "blocking": True,
            "description": "no gaps",
            "metadata": {"empty": 3},
        }
        assert (second["passed"], second["blocking"]) == (True, False)
        assert capsys.readouterr().out == "✗ complete\n✓ fresh\n"

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: ab.check("compleet", True), r"was not read.*Did you mean 'complete'"),
            (
                lambda: ab.check("complete", True, asset="flights"),
                "declared for another asset.*flight_features",
            ),
            (lambda: ab.check("complete", True, blocking=False), "Write True or False itself"),
            (lambda: ab.check("complete", pd.Series([True])), r"\.all\(\)"),
        ],
    )
    def test_refuses_what_was_not_declared(
        self, call: Callable[[], object], message: str, start: Start
    ) -> None:
        run = start(checks=self.CHECKS)
        with pytest.raises(ab.AssetbookError, match=message):
            call()
        assert run.events("check") == []

    def test_of_two_outputs_the_asset_says_which(self, start: Start) -> None:
        run = start(checks=(DeclaredCheck("a", "complete"), DeclaredCheck("b", "complete")))
        with pytest.raises(ab.AssetbookError, match=r"declared for 'a', 'b'\. Say which"):
            ab.check("complete", True)
        ab.check("complete", True, asset="b")
        assert [event["asset"] for event in run.events("check")] == ["b"]

    def test_is_evaluated_once(self, start: Start) -> None:
        start(checks=self.CHECKS)
        ab.check("complete", True)
        with pytest.raises(ab.AssetbookError, match="evaluated twice"):
            ab.check("complete", True)


def test_metrics_are_reported_in_order(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    run = start()
    ab.metric("auc", np.float32(0.5))
    ab.metric("auc", 0.83)
    ab.metric("gap", math.nan)
    events = run.events("metric")
    assert [event["name"] for event in events] == ["auc", "auc", "gap"]
    assert [event["value"] for event in events[:2]] == [0.5, 0.83]
    assert math.isnan(events[2]["value"])
    assert capsys.readouterr().out == "auc = 0.5\nauc = 0.83\ngap = nan\n"


def test_asset_does_nothing_in_a_run(start: Start) -> None:
    run = start()
    ab.asset(owners=["team:ops"], freshness="1d")
    assert run.reader.poll() == []


def test_an_error_points_at_the_line_of_the_caller(start: Start) -> None:
    start()
    with pytest.raises(ab.AssetbookError) as caught:
        ab.load("flights")
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames == ["test_an_error_points_at_the_line_of_the_caller", "call"]


def test_a_context_that_is_gone_is_an_error(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(settings.root / "gone.json"))
    with pytest.raises(ab.AssetbookError, match="ASSETBOOK_RUN names"):
        ab.load("flights")


@pytest.mark.parametrize(
    ("body", "fix"),
    [
        ("ab.load('orders')", "Load it in the notebook, and pass the table on."),
        ("ab.sql('from orders')", "Query it in the notebook, and pass the result on."),
        ("ab.save('orders', table)", "Return the table, and save it in the notebook."),
        ("ab.check('whole', True)", "Return the outcome, and check it in the notebook."),
    ],
)
def test_a_call_inside_a_module_of_the_workspace_is_told_where_to_go(
    start: Start, settings: Settings, workspace: Any, body: str, fix: str
) -> None:
    workspace.write(
        "assets/lib.py",
        f"import assetbook as ab\nimport pandas as pd\ntable = pd.DataFrame({{'a': [1]}})\ndef get():\n    {body}\n",
    )
    start()
    sys.path.insert(0, str(settings.root))
    from assets.lib import get

    with pytest.raises(ab.AssetbookError) as caught:
        get()
    assert "was not read from the notebook before it ran: it is called in assets/lib.py, line 5" in str(
        caught.value
    )
    assert str(caught.value).endswith(f"and calls inside modules are not read. {fix}")


def test_a_name_that_was_not_read_where_none_was(start: Start) -> None:
    start()
    with pytest.raises(ab.AssetbookError, match=r"before it ran: use a literal name\. None was read\."):
        ab.load("orders")
