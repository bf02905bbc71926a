# ---
# about: duckdb.connect to a file, a query with a threshold in it, the frame is the result and not saved
# style: analyst
# notebook: alarms.ipynb
# inputs: [plant.duckdb]
# outputs:
#   - {table: ".*alarm.*", variable: alarms, proposed: true}
# ---
# %%
import duckdb

con = duckdb.connect("plant.duckdb", read_only=True)
con.execute("show tables").fetchall()
# %%
threshold = 60
alarms = con.execute(f"""
    select sensor, date_trunc('hour', taken) as hour, count(*) as n, max(value) as peak
    from readings where value > {threshold}
    group by 1, 2 order by 1, 2
""").df()
alarms.head(10)
# %%
con.close()
alarms
