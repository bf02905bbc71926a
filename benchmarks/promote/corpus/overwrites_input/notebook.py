# ---
# about: reads a file and writes over it; the original must not be changed
# style: student
# notebook: tidy contacts.ipynb
# leftovers: false
# inputs: [contacts.csv]
# outputs:
#   - {table: ".*contacts.*", file: contacts.csv}
# ---
# %%
import pandas as pd
contacts = pd.read_csv("contacts.csv")
# %%
contacts["name"] = contacts["name"].str.strip()
contacts["mail"] = contacts["mail"].str.lower()
contacts = contacts.dropna().drop_duplicates()
# %%
contacts.to_csv("contacts.csv", index=False)
