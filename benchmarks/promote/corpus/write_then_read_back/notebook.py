# ---
# about: cleans, writes a CSV, and goes on from the file it has just written; the file of the last run lies there too
# style: analyst
# notebook: weather prep + analysis.ipynb
# inputs: [data/weather_raw.csv]
# outputs:
#   - {table: ".*weather_clean.*|.*clean.*", file: data/weather_clean.csv}
#   - {table: ".*month.*|.*range.*", file: data/monthly_range.csv, tolerance: 0.005}
# parameters: {should: [MISSING]}
# ---
# %% [markdown]
# ## 1. Cleaning
# %%
import pandas as pd, numpy as np
MISSING = -999
df = pd.read_csv('data/weather_raw.csv')
df = df.replace(MISSING, np.nan).dropna(subset=['tmax'])
df['range'] = df.tmax - df.tmin
df.to_csv('data/weather_clean.csv', index=False)
# %% [markdown]
# ## 2. Analysis
# (start here if the clean file exists already)
# %%
df = pd.read_csv('data/weather_clean.csv', parse_dates=['date'])
monthly = df.set_index('date').groupby('town').resample('MS')[['range', 'tmax']].mean()
monthly.head()
# %%
monthly.to_csv('data/monthly_range.csv', float_format='%.2f')
