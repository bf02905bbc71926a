# ---
# about: a threshold was edited after its cell had run, and the cells below not run again; saved outputs are stale
# style: analyst
# notebook: loans-threshold.ipynb
# leftovers: false
# inputs: [loans.csv]
# outputs:
#   - {table: ".*reject.*", file: rejected.csv}
# parameters: {should: [threshold]}
# ---
# %%
import pandas as pd
loans = pd.read_csv("loans.csv")
# %% {"executed_as": "threshold = 20"}
threshold = 30
# %%
rejected = loans[loans.income < threshold]
print(len(rejected), "of", len(loans), "rejected")
# %%
rejected.to_csv("rejected.csv", index=False)
