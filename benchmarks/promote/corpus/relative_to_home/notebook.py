# ---
# about: a tilde, expanded by os.path.expanduser and Path.home(); the file lies beside the notebook only
# style: student
# notebook: recipes.ipynb
# runs: false
# promote: "yes"
# leftovers: false
# stand_in:
#   'os.path.expanduser("~/Documents/cooking/recipes.csv")': '"recipes.csv"'
#   'Path.home() / "Documents" / "cooking" / "quick.csv"': '"quick.csv"'
# inputs: [recipes.csv]
# outputs:
#   - {table: ".*quick.*", file: quick.csv}
# parameters: {should: [max_minutes]}
# ---
# %%
import os
from pathlib import Path
import pandas as pd
# %%
recipes = pd.read_csv(os.path.expanduser("~/Documents/cooking/recipes.csv"))
max_minutes = 20
# %%
quick = recipes.loc[recipes.minutes <= max_minutes].reset_index(drop=True)
quick.to_csv(Path.home() / "Documents" / "cooking" / "quick.csv", index=False)
