"""Planes: the aircraft by tail number, from the FAA's register."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

import assetbook as ab
from assetbook.landing import read_csv


class Planes(pa.DataFrameModel):
    """One row for each registered aircraft; American Airways and Envoy Air report fleet numbers instead."""

    tailnum: Series[str] = pa.Field(unique=True, description="Tail number")
    year: Series[pd.Int64Dtype] = pa.Field(ge=1950, le=2013, nullable=True, description="Year of manufacture")
    type: Series[str] = pa.Field(description="Kind of aircraft")
    manufacturer: Series[str] = pa.Field(description="Manufacturer")
    model: Series[str] = pa.Field(description="Model")
    engines: Series[int] = pa.Field(ge=1, le=4, description="Number of engines")
    seats: Series[int] = pa.Field(ge=1, le=900, description="Number of seats")
    speed: Series[pd.Int64Dtype] = pa.Field(
        gt=0, nullable=True, description="Cruising speed in miles an hour"
    )
    engine: Series[str] = pa.Field(description="Kind of engine")

    class Config:
        """Columns as listed; types are coerced."""

        coerce = True
        strict = True


@ab.table(schema=Planes, landing="planes.csv", owners=["team:flights"])
def planes(landing: Path) -> pd.DataFrame:
    """Read the aircraft by tail number."""
    return read_csv(landing, schema=Planes, missing=["", "NA"])
