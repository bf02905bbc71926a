# ---
# about: polars instead of pandas; scan_parquet, lazy, write_parquet
# style: engineering
# notebook: parcels.ipynb
# inputs: [parcels.parquet]
# outputs:
#   - {table: ".*daily.*", file: daily.parquet}
# ---
# %%
import polars as pl
# %%
lf = pl.scan_parquet("parcels.parquet")
daily = (
    lf.with_columns(pl.col("sent").dt.date().alias("day"))
    .group_by("day", "depot")
    .agg(pl.len().alias("n"), pl.col("kg").sum().round(3))
    .sort("day", "depot")
    .collect()
)
daily
# %%
daily.write_parquet("daily.parquet")
