# ---
# about: executed in another order than it stands, some cells twice; from top to bottom it works
# style: analyst
# notebook: bike demand-v3.ipynb
# inputs: [bikes.csv]
# outputs:
#   - {table: ".*hourly.*|.*profile.*", file: hourly_profile.csv}
# ---
# %% {"run": 1}
import pandas as pd
import numpy as np
# %% {"run": [2, 6]}
bikes = pd.read_csv('bikes.csv', index_col='datetime', parse_dates=True)
bikes['hour'] = bikes.index.hour
# %% {"run": 9}
profile = bikes.groupby('hour').agg(mean=('count', 'mean'), p90=('count', lambda s: s.quantile(.9)))
profile['smooth'] = profile['mean'].rolling(3, center=True, min_periods=1).mean()
# %% {"run": [4, 7]}
bikes['weekend'] = bikes.index.dayofweek >= 5
# %% {"run": 3}
bikes.head()
# %% {"run": 12}
profile.round(2).to_csv('hourly_profile.csv')
# %% {"run": 10}
profile.plot();
