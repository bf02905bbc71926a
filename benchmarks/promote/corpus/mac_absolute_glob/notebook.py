# ---
# about: a glob below a folder of another's Mac; the folder lies beside
# style: science
# notebook: co2.ipynb
# runs: false
# promote: "yes"
# elsewhere: {"/Users/j.smith/Dropbox/office-air": "."}
# leftovers: false
# inputs: [daily]
# outputs:
#   - {table: ".*co2.*|.*daily.*|.*all.*", file: co2_all.csv}
# ---
# %%
import glob
import pandas as pd
# %%
paths = sorted(glob.glob("/Users/j.smith/Dropbox/office-air/daily/*.csv"))
all_ = pd.concat([pd.read_csv(p).assign(day=p[-14:-4]) for p in paths])
all_.groupby("day").co2.max()
# %%
all_.to_csv("/Users/j.smith/Dropbox/office-air/co2_all.csv", index=False)
