# ---
# about: a name that nothing ever defines; a typing error
# style: student
# notebook: trees.ipynb
# runs: false
# promote: "no"
# why: tress
# inputs: [trees.csv]
# ---
# %%
import pandas as pd
trees = pd.read_csv("trees.csv")
# %%
trees["feet"] = trees.height * 3.28
# %%
tress.groupby("tree").feet.mean()
