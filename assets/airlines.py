"""Airlines: the carriers' two-character codes and their names."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

import assetbook as ab
from assetbook.landing import read_csv


class Airlines(pa.DataFrameModel):
    """One row for each carrier that flew from New York City in 2013."""

    carrier: Series[str] = pa.Field(str_matches=r"^[0-9A-Z]{2}$", unique=True, description="IATA code")
    name: Series[str] = pa.Field(str_length={"min_value": 1}, description="Name of the company")

    class Config:
        """Columns as listed; types are coerced."""

        coerce = True
        strict = True


@ab.table(schema=Airlines, landing="airlines.csv", owners=["team:flights"])
def airlines(landing: Path) -> pd.DataFrame:
    """Read the carriers' codes and names."""
    return read_csv(landing, schema=Airlines)
