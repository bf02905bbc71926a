# ---
# about: a name that only a deleted cell defined; the outputs look fine
# style: student
# notebook: plants.ipynb
# runs: false
# promote: "no"
# why: limit
# inputs: [plants.csv]
# ---
# %% {"run": 1}
import pandas as pd
plants = pd.read_csv("plants.csv")
# %% {"run": 2, "deleted": true}
limit = 33
# %% {"run": 3}
tall = plants[plants.height > limit]
len(tall)
# %% {"run": 4}
tall.to_csv("tall.csv", index=False)
