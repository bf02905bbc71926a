# ---
# about: helper module and a package beside the notebook; a star import too
# style: student
# project: marathon
# notebook: marathon.ipynb
# inputs: [results.csv]
# outputs:
#   - {table: ".*rank.*", file: ranking.csv}
# ---
# %%
import pandas as pd
from utils import *
from plotting import boxes
# %%
df = clean_names(pd.read_csv("results.csv"))
df["secs"] = df["net_time"].map(seconds)
# %%
boxes(df, "agegroup", "secs");
# %%
df["rank"] = df.groupby("agegroup").secs.rank(method="first").astype(int)
ranking = df.sort_values(["agegroup", "rank"])
ranking[["agegroup", "rank", "bib", "secs"]].to_csv("ranking.csv", index=False)
