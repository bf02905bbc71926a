# ---
# about: today's date decides about a column and about the name of the file that is written
# style: analyst
# notebook: overdue.ipynb
# leftovers: false
# inputs: [tasks.csv]
# ---
# %%
import pandas as pd
from datetime import date, timedelta
today = date.today()
# %%
tasks = pd.read_csv("tasks.csv", parse_dates=["due"])
tasks["overdue_days"] = (pd.Timestamp(today) - tasks.due).dt.days
overdue = tasks[~tasks.done & (tasks.due < pd.Timestamp(today - timedelta(days=7)))]
print(len(overdue), "overdue as of", today)
# %%
overdue.to_csv(f"overdue_{today:%Y%m%d}.csv", index=False)
