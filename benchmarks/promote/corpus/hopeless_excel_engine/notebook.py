# ---
# about: read_excel needs openpyxl, which is not there; nothing imports it
# style: analyst
# notebook: Budget.ipynb
# runs: false
# promote: "no"
# why: openpyxl
# inputs: ["Budget 2024.xlsx"]
# ---
# %%
import pandas as pd
budget = pd.read_excel("Budget 2024.xlsx", sheet_name="Plan", skiprows=2)
# %%
budget.groupby("Department").sum().to_excel("by_department.xlsx")
