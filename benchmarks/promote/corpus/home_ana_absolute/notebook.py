# ---
# about: a constant with a folder of another's home, f-strings from it; merge; result never saved
# style: science
# project: bees
# notebook: notebooks/honey.ipynb
# runs: false
# promote: "yes"
# elsewhere: {"/home/ana/projects/bees": "."}
# inputs: [hives.csv, sites.csv]
# outputs:
#   - {table: ".*(merged|summary|site).*", variable: summary, proposed: true}
# parameters: {must_not: [merged]}
# ---
# %%
import pandas as pd
BASE = "/home/ana/projects/bees"
DATA_DIR = BASE + "/data"
# %%
hives = pd.read_csv(f"{DATA_DIR}/hives.csv")
sites = pd.read_csv(f"{DATA_DIR}/sites.csv")
# %%
merged = hives.merge(sites, on="site", how="left", validate="many_to_one")
merged.plot.scatter(x="altitude", y="kg")
# %%
summary = merged.groupby("site").kg.describe().round(3)
summary
