"""Weather: what the stations of the three New York airports measured, hour by hour."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

import assetbook as ab
from assetbook.landing import read_csv

STRONGEST_WIND = 200.0
"""Miles an hour. The station at Newark once reported 1,048; no wind that strong was ever measured."""


class Weather(pa.DataFrameModel):
    """One row for each airport and hour that a station reported; some hours are missing."""

    origin: Series[str] = pa.Field(isin=["EWR", "JFK", "LGA"], description="Airport of the station")
    year: Series[int] = pa.Field(eq=2013, description="Year, New York time")
    month: Series[int] = pa.Field(ge=1, le=12, description="Month, New York time")
    day: Series[int] = pa.Field(ge=1, le=31, description="Day, New York time")
    hour: Series[int] = pa.Field(ge=0, le=23, description="Hour, New York time")
    temp: Series[float] = pa.Field(ge=-60, le=130, nullable=True, description="Temperature in °F")
    dewp: Series[float] = pa.Field(ge=-60, le=100, nullable=True, description="Dew point in °F")
    humid: Series[float] = pa.Field(ge=0, le=100, nullable=True, description="Relative humidity in percent")
    wind_dir: Series[float] = pa.Field(
        ge=0, le=360, nullable=True, description="Where the wind blows from, in degrees"
    )
    wind_speed: Series[float] = pa.Field(
        ge=0, le=STRONGEST_WIND, nullable=True, description="Wind speed in miles an hour"
    )
    wind_gust: Series[float] = pa.Field(
        ge=0,
        le=STRONGEST_WIND,
        nullable=True,
        description="Gusts in miles an hour; missing when there were none",
    )
    precip: Series[float] = pa.Field(ge=0, le=10, description="Precipitation in inches")
    pressure: Series[float] = pa.Field(
        ge=850, le=1100, nullable=True, description="Pressure at sea level in millibars"
    )
    visib: Series[float] = pa.Field(ge=0, le=10, description="Visibility in miles; 10 stands for more, too")
    time_hour: Series[Annotated[pd.DatetimeTZDtype, "us", "UTC"]] = pa.Field(
        description="Start of the hour, UTC"
    )

    class Config:
        """One report an hour; columns as listed; types are coerced."""

        coerce = True
        strict = True
        unique = ("origin", "time_hour")


@ab.table(schema=Weather, landing="weather.csv", owners=["team:flights"])
def weather(landing: Path) -> pd.DataFrame:
    """Read the hourly reports; a wind that no station can have measured counts as not measured."""
    table = read_csv(landing, schema=Weather, missing=["", "NA"])
    speed = pd.to_numeric(
        table["wind_speed"], errors="coerce"
    )  # for this alone: the schema reports what is no number
    return table.assign(wind_speed=table["wind_speed"].mask(speed > STRONGEST_WIND))
