# ---
# about: time zones over the change to summer time, lags, TimeSeriesSplit, function with knobs, predictions with a tz column saved
# style: engineering
# notebook: forecasting/02-baseline.ipynb
# inputs: [../input/load.csv]
# outputs:
#   - {table: ".*(forecast|pred).*", file: ../output/forecast.parquet}
# parameters: {should: [HORIZON, LAGS, TRAIN_END], must_not: [TZ]}
# ---
# %% [markdown]
# # Baseline forecast
# %%
import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
import os

TZ = "Europe/Berlin"
HORIZON = 48
LAGS = [24, 48]
TRAIN_END = "2023-04-08"
# %%
load = pd.read_csv("../input/load.csv", parse_dates=["utc"])
load["local"] = load["utc"].dt.tz_convert(TZ)
load.iloc[[0, -1]]
# %%
def make_features(frame, lags):
    out = frame.assign(hour=frame.local.dt.hour, dow=frame.local.dt.dayofweek)
    for lag in lags:
        out[f"lag_{lag}"] = out["load_mw"].shift(lag)
    return out.dropna()

data = make_features(load, LAGS)
feats = [c for c in data if c.startswith("lag_")] + ["hour", "dow"]
# %%
train = data[data.local < pd.Timestamp(TRAIN_END, tz=TZ)]
model = Ridge(alpha=1.0)
scores = cross_val_score(model, train[feats], train.load_mw, cv=TimeSeriesSplit(4), scoring="neg_mean_absolute_error")
-scores.mean()
# %%
model.fit(train[feats], train.load_mw)
test = data[data.local >= pd.Timestamp(TRAIN_END, tz=TZ)].head(HORIZON)
forecast = test[["local", "load_mw"]].assign(pred=model.predict(test[feats]))
os.makedirs("../output", exist_ok=True)
forecast.to_parquet("../output/forecast.parquet")
forecast.set_index("local").plot();
