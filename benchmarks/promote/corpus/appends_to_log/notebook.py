# ---
# about: appends a line to a log of its runs with mode a, header False; open with "a" as well
# style: science
# notebook: experiment.ipynb
# leftovers: false
# inputs: [exp.csv]
# outputs:
#   - {table: ".*runs.*", file: runs.csv}  # with the line that was there before
# ---
# %%
import pandas as pd
from datetime import datetime
exp = pd.read_csv("exp.csv")
# %%
mean = exp.x.mean()
pd.DataFrame({"when": [datetime.now().date()], "mean": [round(mean, 4)]}).to_csv("runs.csv", mode="a", header=False, index=False)
with open("notes.txt", "a") as f:
    f.write(f"mean {mean:.3f}\n")
# %%
exp.groupby("g").x.describe()
