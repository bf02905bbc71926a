# ---
# about: notebook in a subfolder, data in ../../, figures into ../../reports; a function that builds paths; intermediate and final file
# style: engineering
# notebook: notebooks/exploratory/02 schools.ipynb
# inputs: [data/external/schools.csv.gz, data/external/budget.json]
# outputs:
#   - {table: ".*ratio.*|.*schools.*", file: ../../data/interim/schools_ratio.csv}
# parameters: {should: [MIN_PUPILS]}
# ---
# %%
import os
import pandas as pd
import matplotlib.pyplot as plt

ROOT = os.path.abspath(os.path.join(os.getcwd(), "..", ".."))
MIN_PUPILS = 100

def data(kind, name):
    return os.path.join(ROOT, "data", kind, name)
# %%
schools = pd.read_csv(data("external", "schools.csv.gz"))
budget = pd.read_json(data("external", "budget.json"))
# %%
schools = schools.loc[schools["pupils"] >= MIN_PUPILS].copy()
schools["ratio"] = schools["pupils"] / schools["staff"]
schools = schools.merge(budget, on="district")
schools.to_csv(data("interim", "schools_ratio.csv"), index=False)
# %%
fig, ax = plt.subplots()
schools.boxplot("ratio", by="district", ax=ax)
fig.savefig(os.path.join(ROOT, "reports", "figures", "ratio.png"))
