# ---
# about: its own assertion does not hold with the data that lies there; outputs of an earlier time are cleared
# style: engineering
# notebook: reconcile.ipynb
# runs: false
# promote: "no"
# saved: cleared
# why: balance|Assertion
# inputs: [accounts.csv]
# ---
# %%
import pandas as pd
acc = pd.read_csv("accounts.csv")
# %%
diff = (acc.debit - acc.credit).abs().sum()
assert diff == 0, f"accounts do not balance: {diff}"
# %%
acc.assign(balance=acc.debit - acc.credit).to_csv("balanced.csv", index=False)
