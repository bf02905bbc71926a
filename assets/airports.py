"""Airports: where they lie and which clock they keep."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

import assetbook as ab
from assetbook.landing import read_csv


class Airports(pa.DataFrameModel):
    """One row for each airport of the United States that the FAA lists.

    Four destinations in the Caribbean (BQN, PSE, SJU, STT) are not among them.
    """

    faa: Series[str] = pa.Field(str_matches=r"^[0-9A-Z]{3}$", unique=True, description="FAA code")
    name: Series[str] = pa.Field(description="Usual name")
    lat: Series[float] = pa.Field(ge=-90, le=90, description="Latitude in degrees")
    lon: Series[float] = pa.Field(ge=-180, le=180, description="Longitude in degrees")
    alt: Series[int] = pa.Field(ge=-100, le=15_000, description="Altitude in feet")
    tz: Series[int] = pa.Field(ge=-12, le=14, description="Offset of its standard time from UTC in hours")
    dst: Series[str] = pa.Field(
        isin=["A", "N", "U"], description="Summer time: American rules, none, unknown"
    )
    tzone: Series[str] = pa.Field(nullable=True, description="Time zone by its IANA name")

    class Config:
        """Columns as listed; types are coerced."""

        coerce = True
        strict = True


@ab.table(schema=Airports, landing="airports.csv", owners=["team:flights"])
def airports(landing: Path) -> pd.DataFrame:
    """Read where each airport lies and which clock it keeps."""
    return read_csv(landing, schema=Airports, missing=["", "NA"])
