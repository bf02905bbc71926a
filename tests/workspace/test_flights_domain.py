"""The flights domain: deliveries, schemas and the pure functions that features and scores are made with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from assetbook.contract import read_contract
from assetbook.errors import LandingError
from assets import airlines, airports, delays, flights, nycflights13, planes, weather

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks" / "flights").glob("*.ipynb"))
TABLES = [
    (airlines.airlines, airlines.Airlines, 16),
    (airports.airports, airports.Airports, 1_458),
    (planes.planes, planes.Planes, 3_322),
    (weather.weather, weather.Weather, 26_115),
]


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landing")
    nycflights13.deliver(folder, months=nycflights13.MONTHS)
    return folder


def month_of_flights(landing: Path, month: str) -> pd.DataFrame:
    file = landing / "flights" / f"flights-{month}.csv"
    return flights.Flights.validate(flights.flights(file, month), lazy=True)


# ---- deliveries


def test_every_flight_arrives_once_and_meets_its_schema(landing):
    months = [month_of_flights(landing, month) for month in nycflights13.MONTHS]

    assert [len(month) for month in months][:4] == [27_004, 24_951, 28_834, 28_330]
    assert sum(len(month) for month in months) == 336_776


@pytest.mark.parametrize(("read", "schema", "rows"), TABLES, ids=[schema.__name__ for _, schema, _ in TABLES])
def test_every_table_arrives_and_meets_its_schema(landing, read, schema, rows):
    table = schema.validate(read(landing / f"{read.__name__}.csv"), lazy=True)

    assert len(table) == rows
    assert list(table) == list(schema.to_schema().columns)


def test_every_column_is_described():
    for schema in (flights.Flights, flights.FlightFeatures, delays.DelayScores, *(s for _, s, _ in TABLES)):
        described = {name: column.description for name, column in schema.to_schema().columns.items()}
        assert all(described.values()), described


def test_what_is_there_already_is_left_alone(tmp_path):
    first = nycflights13.deliver(tmp_path, months=["2013-02"])
    second = nycflights13.deliver(tmp_path, months=["2013-01", "2013-02"])

    assert len(first) == 5
    assert [path.name for path in second] == ["flights-2013-01.csv"]


def test_deliveries_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ASSETBOOK_DATA", str(tmp_path))

    assert nycflights13.main(["--months", "2013-03"]) == 0
    assert "flights/flights-2013-03.csv" in capsys.readouterr().out
    assert nycflights13.main(["--months", "2013-03"]) == 0
    assert "Nothing new" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="1"):
        nycflights13.main(["--months", "2014-03"])
    assert "no flights of '2014-03'. Did you mean '2013-03'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("2013-01", ["2013-01"]),
        ("2013-11..2013-12", ["2013-11", "2013-12"]),
        ("2013-01, 2013-03..2013-04", ["2013-01", "2013-03", "2013-04"]),
    ],
)
def test_months_are_named_one_by_one_or_from_to(text, months):
    assert nycflights13.months_in(text) == months


def test_a_month_in_the_file_of_another_is_refused(landing):
    file = landing / "flights" / "flights-2013-02.csv"

    with pytest.raises(
        LandingError, match="24951 flights of other months, the first of 2013-02 in row 1; expected"
    ):
        flights.flights(file, "2013-03")


def test_a_wind_that_nobody_can_have_measured_is_missing(landing):
    table = weather.weather(landing / "weather.csv")

    newark = table[
        (table["origin"] == "EWR") & (table["month"] == 2) & (table["day"] == 12) & (table["hour"] == 3)
    ]
    assert newark["wind_speed"].isna().all()
    assert table["wind_speed"].max() < 50
    assert table["wind_speed"].isna().sum() == 5


def test_the_hour_in_utc_must_be_that_of_new_york(landing):
    table = month_of_flights(landing, "2013-01").head(100).copy()
    table["time_hour"] += pd.Timedelta(hours=5)

    with pytest.raises(SchemaErrors) as raised:
        flights.Flights.validate(table, lazy=True)
    assert set(raised.value.failure_cases["check"]) == {"hour_in_new_york"}


# ---- notebooks


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_is_an_asset_and_is_kept_without_outputs(notebook):
    contract = read_contract(notebook.relative_to(ROOT), root=ROOT)
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]

    assert [problem.message for problem in contract.problems] == []
    assert contract.description
    assert all(parameter.description for parameter in contract.parameters)
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


# ---- functions of features


def test_scheduled_minutes_count_from_gate_to_gate_across_zones_and_midnight():
    table = pd.DataFrame(
        {
            "time_hour": pd.to_datetime(
                ["2013-01-01T10:00Z", "2013-01-01T15:00Z", "2013-07-02T01:00Z", "2013-07-01T14:00Z"]
            ),
            "minute": [15, 0, 30, 0],
            "sched_arr_time": [819, 1530, 620, 1211],
            "dest": ["IAH", "HNL", "LAX", "SJU"],
        }
    )
    zones = pd.DataFrame(
        {
            "faa": ["IAH", "HNL", "LAX"],
            "tzone": ["America/Chicago", "Pacific/Honolulu", "America/Los_Angeles"],
        }
    )

    minutes = flights.scheduled_minutes(table, zones)

    # 5:15 to 8:19 an hour behind; 10:00 to 15:30 five behind; 21:30 to 6:20 three behind; Puerto Rico: no summer time
    assert minutes.tolist() == [244, 630, 710, 131]


def test_scheduled_minutes_are_those_of_an_airline(landing):
    table = month_of_flights(landing, "2013-03")  # the clocks change on the 10th
    zones = airports.Airports.validate(airports.airports(landing / "airports.csv"))

    minutes = flights.scheduled_minutes(table, zones)

    assert minutes.between(45, 720).all()
    slack = minutes - table["air_time"].astype(float)
    assert slack.median() == pytest.approx(35, abs=10)


times = st.integers(0, 40)
events = st.lists(
    st.tuples(st.sampled_from("ab"), times, st.one_of(st.none(), st.integers(-5, 5))), max_size=25
)
moments = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), times), min_size=1, max_size=12)


def at_hour(hours: pd.Series) -> pd.Series:
    return pd.Timestamp("2013-01-01", tz="UTC") + pd.to_timedelta(hours.astype(float), unit="h")


@settings(deadline=None, max_examples=60)
@given(events=events, moments=moments, hours=st.integers(1, 20))
def test_trailing_mean_is_the_mean_of_what_was_known_in_the_window(events, moments, hours):
    happened = pd.DataFrame(events, columns=["origin", "hour", "value"]).astype({"value": float})
    asked = pd.DataFrame(moments, columns=["origin", "hour"]).astype({"origin": object})
    happened["known_at"], asked["predicted_at"] = at_hour(happened["hour"]), at_hour(asked["hour"])

    means = flights.trailing_mean(happened, asked, by=["origin"], value="value", hours=hours)

    for row, origin, hour in asked[["origin", "hour"]].itertuples():
        known = [
            value
            for place, at, value in events
            if place == origin and hour - hours < at <= hour and value is not None
        ]
        expected = np.mean(known) if known else np.nan
        assert means[row] == pytest.approx(expected, nan_ok=True)


def test_trailing_mean_keeps_the_order_and_index_of_what_is_asked():
    happened = pd.DataFrame({"origin": ["a"], "value": [1.0], "known_at": at_hour(pd.Series([1]))})
    asked = pd.DataFrame({"origin": "a", "predicted_at": at_hour(pd.Series([3, 0, 2]))}).set_axis([7, 3, 5])

    means = flights.trailing_mean(happened, asked, by=["origin"], value="value", hours=5)

    assert means.index.tolist() == [7, 3, 5]
    assert means.isna().tolist() == [False, True, False]


# ---- scores


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    draw = np.random.default_rng(0)
    truth = draw.beta(1, 3, 2_000)
    start = pd.Timestamp("2013-04-01T12:00", tz="UTC")
    return pd.DataFrame(
        {
            "departure": start + pd.to_timedelta(draw.integers(0, 20, 2_000), unit="D"),
            "late": draw.random(2_000) < truth,
            "model": truth.round(2),  # with ties
            "logistic": np.clip(truth + draw.normal(0, 0.3, 2_000), 0.01, 0.99),
            "base_rate": 0.25,
        }
    )


@pytest.mark.parametrize(
    ("measure", "peer"), [("log_loss", log_loss), ("brier", brier_score_loss), ("auc", roc_auc_score)]
)
def test_scores_are_those_of_scikit_learn(scores, measure, peer):
    some = scores[(scores["model"] > 0) & (scores["model"] < 1)]
    for column in ("model", "logistic", "base_rate"):
        assert delays.score(some, column, measure=measure, resamples=5).value == pytest.approx(
            peer(some["late"], some[column])
        )


@pytest.mark.parametrize("measure", ["log_loss", "brier", "auc"])
def test_a_gain_is_positive_for_the_better_one_with_an_interval(scores, measure):
    better = delays.gain(scores, "model", over="logistic", measure=measure)
    worse = delays.gain(scores, "logistic", over="model", measure=measure)

    assert 0 < better.low < better.value < better.high
    assert worse.value == pytest.approx(-better.value)
    assert delays.gain(scores, "model", over="model", measure=measure) == (0, 0, 0)


def test_intervals_are_the_same_for_the_same_seed_and_count_days_not_flights(scores):
    once = delays.score(scores, "model", measure="brier", seed=1)
    doubled = delays.score(pd.concat([scores, scores]), "model", measure="brier", seed=1)

    assert once == delays.score(scores, "model", measure="brier", seed=1)
    assert doubled == pytest.approx(once)
    assert str(delays.Interval(0.5, 0.25, 0.75)) == "0.500 (0.250 to 0.750)"
