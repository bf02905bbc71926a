# ---
# about: several files by glob, a list comprehension, the name of the file becomes a column
# style: analyst
# notebook: Invoices consolidation.ipynb
# inputs: [data/exports]
# outputs:
#   - {table: ".*invoices.*", file: invoices_all.csv}
#   - {table: ".*top.*|.*client.*", file: top_clients.csv}
# parameters: {should: [TOP_N], must_not: [VAT]}
# ---
# %%
import glob, os
import pandas as pd
VAT = {"Acme": 0.19, "Globex": 0.19, "Initech": 0.07}
TOP_N = 2
# %%
files = sorted(glob.glob("data/exports/invoices_*.csv"))
files
# %%
dfs = []
for f in files:
    tmp = pd.read_csv(f)
    tmp["month"] = os.path.basename(f).replace("invoices_", "").replace(".csv", "")
    dfs.append(tmp)
invoices = pd.concat(dfs, ignore_index=True)
invoices["gross"] = (invoices["net"] * (1 + invoices["client"].map(VAT))).round(2)
print(invoices.shape)
# %%
invoices.to_csv("invoices_all.csv", index=False)
# %%
top_clients = invoices.groupby("client")["gross"].sum().nlargest(TOP_N)
top_clients.to_csv("top_clients.csv")
top_clients
