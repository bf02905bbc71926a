# ---
# about: a package that the environment does not have
# style: colab
# notebook: prophet_forecast.ipynb
# runs: false
# promote: "no"
# why: prophet
# inputs: [y.csv]
# ---
# %%
!pip install -q prophet
# %%
import pandas as pd
from prophet import Prophet
# %%
df = pd.read_csv('y.csv')
m = Prophet()
m.fit(df)
# %%
future = m.make_future_dataframe(periods=30)
forecast = m.predict(future)
forecast[['ds', 'yhat']].to_csv('forecast.csv', index=False)
