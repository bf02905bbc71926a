"""Flights: what left New York City, and what is known of a flight two hours before it leaves.

Here belong the schemas of `flights` and `flight_features` and the pure functions that the features are made
with. How delays are predicted and judged is the subject of `assets.delays`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

import assetbook as ab
from assetbook.errors import LandingError
from assetbook.landing import read_csv

NEW_YORK = "America/New_York"
ORIGINS = ["EWR", "JFK", "LGA"]

LEAD = pd.Timedelta(hours=2)
"""How long before its scheduled departure a flight's delay is predicted. Nothing that became known later is used."""

LATE_MINUTES = 15
"""A flight is late that arrives more than so many minutes after its time."""

UtcTime = Annotated[pd.DatetimeTZDtype, "us", "UTC"]


class Flights(pa.DataFrameModel):
    """One row for each flight that was to leave New York City; times of the clock read HHMM."""

    year: Series[int] = pa.Field(eq=2013, description="Year of the scheduled departure, New York time")
    month: Series[int] = pa.Field(ge=1, le=12, description="Month of the scheduled departure")
    day: Series[int] = pa.Field(ge=1, le=31, description="Day of the scheduled departure")
    dep_time: Series[pd.Int64Dtype] = pa.Field(
        ge=1, le=2400, nullable=True, description="Actual departure, New York time; missing when cancelled"
    )
    sched_dep_time: Series[int] = pa.Field(ge=0, le=2359, description="Scheduled departure, New York time")
    dep_delay: Series[pd.Int64Dtype] = pa.Field(
        ge=-60, le=2880, nullable=True, description="Departure delay in minutes; negative when early"
    )
    arr_time: Series[pd.Int64Dtype] = pa.Field(
        ge=1, le=2400, nullable=True, description="Actual arrival, time of the destination"
    )
    sched_arr_time: Series[int] = pa.Field(
        ge=0, le=2359, description="Scheduled arrival, time of the destination"
    )
    arr_delay: Series[pd.Int64Dtype] = pa.Field(
        ge=-120,
        le=2880,
        nullable=True,
        description="Arrival delay in minutes; missing when cancelled or diverted",
    )
    carrier: Series[str] = pa.Field(str_matches=r"^[0-9A-Z]{2}$", description="Airline, see airlines")
    flight: Series[int] = pa.Field(ge=1, le=9999, description="Flight number")
    tailnum: Series[str] = pa.Field(nullable=True, description="Tail number of the aircraft, see planes")
    origin: Series[str] = pa.Field(isin=ORIGINS, description="Airport of departure")
    dest: Series[str] = pa.Field(
        str_matches=r"^[A-Z]{3}$", description="Airport of destination, see airports"
    )
    air_time: Series[pd.Int64Dtype] = pa.Field(gt=0, le=1000, nullable=True, description="Minutes in the air")
    distance: Series[int] = pa.Field(gt=0, le=10_000, description="Distance in miles")
    hour: Series[int] = pa.Field(ge=0, le=23, description="Hour of the scheduled departure, New York time")
    minute: Series[int] = pa.Field(ge=0, le=59, description="Minute of the scheduled departure")
    time_hour: Series[UtcTime] = pa.Field(description="Start of the hour of the scheduled departure, UTC")

    class Config:
        """A flight leaves once; columns as listed; types are coerced."""

        coerce = True
        strict = True
        unique = ("time_hour", "carrier", "flight", "origin")

    @pa.dataframe_check(description="time_hour is the hour of the scheduled departure in New York")
    @classmethod
    def hour_in_new_york(cls, table: pd.DataFrame) -> pd.Series[bool]:
        """Say where the hour in UTC is the one of the clock."""
        return table["hour"].eq(table["time_hour"].dt.tz_convert(NEW_YORK).dt.hour)

    @pa.dataframe_check(description="A flight that arrived has departed")
    @classmethod
    def arrived_after_departing(cls, table: pd.DataFrame) -> pd.Series[bool]:
        """Say which flights did not arrive, or departed too."""
        return table["arr_delay"].isna() | table["dep_delay"].notna()


class FlightFeatures(pa.DataFrameModel):
    """One row for each scheduled flight: what was known two hours before it was to leave, and if it was late.

    A *held* flight had not left 15 minutes after its time: that much is known then, whatever becomes of it.
    """

    departure: Series[UtcTime] = pa.Field(description="Scheduled departure, UTC")
    predicted_at: Series[UtcTime] = pa.Field(description="When the delay is predicted, UTC")
    carrier: Series[str] = pa.Field(description="Airline")
    flight: Series[int] = pa.Field(description="Flight number")
    tailnum: Series[str] = pa.Field(nullable=True, description="Tail number of the aircraft")
    origin: Series[str] = pa.Field(isin=ORIGINS, description="Airport of departure")
    dest: Series[str] = pa.Field(description="Airport of destination")

    weekday: Series[str] = pa.Field(
        isin=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], description="Day of the week in New York"
    )
    departure_hour: Series[float] = pa.Field(
        ge=0, lt=24, description="Scheduled departure, New York time, in hours"
    )
    distance: Series[float] = pa.Field(gt=0, description="Distance in miles")
    scheduled_minutes: Series[float] = pa.Field(
        ge=20, le=900, description="Minutes from gate to gate, as scheduled"
    )
    hourly_departures: Series[float] = pa.Field(
        ge=1, description="Departures scheduled there in the same hour"
    )
    seats: Series[float] = pa.Field(gt=0, nullable=True, description="Seats of the aircraft")
    plane_age: Series[float] = pa.Field(
        ge=0, le=80, nullable=True, description="Age of the aircraft in years"
    )

    humid: Series[float] = pa.Field(ge=0, le=100, nullable=True, description="Relative humidity in percent")
    wind_north: Series[float] = pa.Field(nullable=True, description="Wind from the north in miles an hour")
    wind_east: Series[float] = pa.Field(nullable=True, description="Wind from the east in miles an hour")
    gust: Series[float] = pa.Field(ge=0, nullable=True, description="Gusts, or the wind, in miles an hour")
    precip: Series[float] = pa.Field(ge=0, nullable=True, description="Precipitation in inches an hour")
    visib: Series[float] = pa.Field(ge=0, nullable=True, description="Visibility in miles")
    pressure: Series[float] = pa.Field(nullable=True, description="Pressure at sea level in millibars")

    origin_held_1h: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="Share of held flights at the airport in the last hour"
    )
    origin_held_3h: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="… in the last 3 hours")
    carrier_held_6h: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="… of the airline at the airport in the last 6 hours"
    )
    dest_held_6h: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="… to the destination in the last 6 hours"
    )
    plane_held_14h: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="… of the aircraft in the last 14 hours"
    )
    origin_delay_4h: Series[float] = pa.Field(
        nullable=True,
        description="Mean delay in minutes of flights from the airport that arrived in the last 4 hours",
    )
    carrier_delay_6h: Series[float] = pa.Field(
        nullable=True, description="… of the airline from there, 6 hours"
    )
    airline_delay_24h: Series[float] = pa.Field(nullable=True, description="… of the airline, 24 hours")
    dest_delay_24h: Series[float] = pa.Field(nullable=True, description="… to the destination, 24 hours")
    dest_lost_24h: Series[float] = pa.Field(
        nullable=True, description="Mean minutes lost on the way to the destination in the last 24 hours"
    )
    plane_last_delay: Series[float] = pa.Field(
        nullable=True, description="Delay in minutes with which the aircraft last arrived, within 24 hours"
    )
    plane_last_hours: Series[float] = pa.Field(
        ge=0, le=24, nullable=True, description="Hours since that arrival"
    )

    late: Series[pd.BooleanDtype] = pa.Field(
        nullable=True,
        description="The label: arrived more than 15 minutes late; missing when it never arrived",
    )

    class Config:
        """A flight leaves once; columns as listed; types are coerced."""

        coerce = True
        strict = True
        unique = ("departure", "carrier", "flight", "origin")

    @pa.dataframe_check(description="Predicted before the scheduled departure")
    @classmethod
    def predicted_before_departure(cls, table: pd.DataFrame) -> pd.Series[bool]:
        """Say which predictions were made early enough."""
        return table["predicted_at"] + LEAD <= table["departure"]


@ab.table(
    schema=Flights,
    landing="flights/flights-{month}.csv",
    partitions={"month": "monthly from 2013-01 to 2013-12"},
    owners=["team:flights"],
)
def flights(landing: Path, month: str) -> pd.DataFrame:
    """Read one month of flights that were to leave New York City."""
    table = read_csv(landing, schema=Flights, missing=["", "NA"])
    found = table["year"].astype(str) + "-" + table["month"].astype(str).str.zfill(2)
    if (other := found[found != month]).any():
        raise LandingError.at(
            landing,
            found=f"{len(other)} flights of other months, the first of {other.iloc[0]} in row {other.index[0] + 1}",
            expected=f"flights of {month} alone",
            fix="Deliver each month in a file of its own.",
        )
    return table


def scheduled_departure(flights: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """Return when each flight was to leave, UTC; in nanoseconds, as pandas calculates with times."""
    hour: pd.Series[pd.Timestamp] = flights["time_hour"].dt.as_unit("ns")
    return hour + pd.to_timedelta(flights["minute"], unit="m")


def scheduled_minutes(flights: pd.DataFrame, airports: pd.DataFrame) -> pd.Series[float]:
    """Return how many minutes each flight was to take from gate to gate.

    Args:
        flights: departure in New York time, arrival in that of the destination.
        airports: `faa` and `tzone`. Destinations that it lacks are in the Caribbean.
    """
    departure = scheduled_departure(flights)
    zones = flights["dest"].map(airports.set_index("faa")["tzone"]).fillna("America/Puerto_Rico")
    there = departure.dt.tz_localize(None).copy()
    for zone, rows in departure.groupby(zones):
        there[rows.index] = rows.dt.tz_convert(zone).dt.tz_localize(None)
    clock = flights["sched_arr_time"]
    arrival = clock // 100 * 60 + clock % 100
    return (arrival - there.dt.hour * 60 - there.dt.minute).mod(24 * 60).astype(float)


def trailing_mean(
    events: pd.DataFrame, at: pd.DataFrame, *, by: Sequence[str], value: str, hours: float
) -> pd.Series[float]:
    """Average what became known during the hours before each prediction.

    Args:
        events: the columns of `by`, `value`, and `known_at`: when the value became known.
        at: the columns of `by` and `predicted_at`, one row for each prediction.
        by: what events and predictions have in common, such as ``["origin", "carrier"]``.
        value: the column to average; events without it never became known.
        hours: the length of the window, which ends with `predicted_at` (included).

    Returns:
        One mean for each row of `at`; missing where nothing became known.
    """
    keys = list(by)
    known = events.dropna(subset=[*keys, "known_at", value]).sort_values("known_at", kind="stable")
    groups = known.groupby(keys, sort=False)[value]
    known = known[[*keys, "known_at"]].assign(total=groups.cumsum(), count=groups.cumcount() + 1)

    def until(moment: pd.Series[pd.Timestamp]) -> npt.NDArray[np.float64]:
        rows = at[keys].assign(moment=moment, row=np.arange(len(at))).sort_values("moment", kind="stable")
        found = pd.merge_asof(rows, known, left_on="moment", right_on="known_at", by=keys).sort_values("row")
        return found[["total", "count"]].fillna(0).to_numpy(float)

    end = at["predicted_at"]
    total, count = (until(end) - until(end - pd.Timedelta(hours=hours))).T
    return pd.Series(total / np.where(count > 0, count, np.nan), index=at.index)
