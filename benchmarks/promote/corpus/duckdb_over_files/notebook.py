# ---
# about: duckdb.sql over a glob of Parquet files and a CSV, replacement scan of a frame, .df(), copy by COPY TO left out
# style: engineering
# notebook: taxi-duckdb.ipynb
# inputs: [trips, zones.csv]
# outputs:
#   - {table: ".*zone.*|.*by.*", file: by_zone.parquet}
# ---
# %%
import duckdb
import pandas as pd
# %%
duckdb.sql("describe select * from 'trips/*.parquet'")
# %%
trips = duckdb.sql("""
    select t.*, z.surcharge
    from read_parquet('trips/*.parquet') t
    join 'zones.csv' z using (zone)
    order by pickup
""").df()
len(trips)
# %%
trips["total"] = trips["fare"] + trips["surcharge"]
by_zone = duckdb.sql("""
    select zone, strftime(pickup, '%Y-%m') as month, count(*) as n, round(avg(total), 4) as mean_total
    from trips group by all order by zone, month
""").df()
by_zone
# %%
by_zone.to_parquet("by_zone.parquet")
