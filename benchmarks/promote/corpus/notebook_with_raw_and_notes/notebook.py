# ---
# about: feather, raw cells, hidden cells by tags, a long function, lambda, walrus, f-strings with nested quotes, a semicolon at the end
# style: published
# project: "Élections 2022 – supplément"
# notebook: suppl/S1 Code.ipynb
# inputs: [in/votes.feather]
# outputs:
#   - {table: ".*table_s1.*", file: ../out/table_S1.csv}
# parameters: {should: [min_turnout]}
# ---
# %% [raw]
# ---
# title: Supplement S1
# format: html
# ---
# %% [markdown]
# # S1 Code
# We follow Doe *et al.* (2020), $\alpha = 0.05$.
# %% {"tags": ["hide-input", "remove-output"]}
import os, sys
import pandas as pd
import matplotlib.pyplot as plt
os.makedirs('../out', exist_ok=True);
# %%
votes = pd.read_feather('../in/votes.feather')
min_turnout = 50
# %%
share = lambda a, b: a / (a + b)
if (n := (votes.turnout < min_turnout).sum()) > 0:
    print(f"{n} districts below {min_turnout}% are left out")
votes = votes[votes.turnout >= min_turnout]
table = votes.assign(share_a=share(votes.party_a, votes.party_b).round(4), winner=["A" if a > b else "B" for a, b in zip(votes.party_a, votes.party_b)])
table.groupby("winner").share_a.describe()
# %%
table.to_csv('../out/table_S1.csv', index=False);
votes.turnout.hist();
