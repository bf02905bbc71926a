# ---
# about: paths from os.environ.get with a default, knobs in a dict and a SimpleNamespace, a cell tagged parameters as for papermill
# style: engineering
# notebook: land_use.ipynb
# inputs: [data/land.csv]
# outputs:
#   - {table: ".*(land|use|summary).*", file: land_use.csv}
# parameters: {must_not: [settings]}
# ---
# %% {"tags": ["parameters"]}
min_ha = 2.0
uses = ["field", "wood"]
# %%
import os
from types import SimpleNamespace
import pandas as pd

DATA = os.environ.get("LAND_DATA", "data")
settings = SimpleNamespace(digits=2, sort=["use", "parcel"])
# %%
land = pd.read_csv(os.path.join(DATA, "land.csv"))
land = land[(land.ha >= min_ha) & land.use.isin(uses)].sort_values(settings.sort).round(settings.digits)
summary = land.groupby("use", as_index=False).ha.sum()
summary
# %%
summary.to_csv("land_use.csv", index=False)
