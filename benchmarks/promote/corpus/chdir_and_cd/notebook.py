# ---
# about: os.chdir into a folder of data, then a bare file name; writes there; %cd back
# style: science
# notebook: soil.ipynb
# inputs: [fieldwork/2021/soil.csv]
# outputs:
#   - {table: ".*ph.*|.*acid.*", file: fieldwork/2021/acid_plots.csv}
# parameters: {should: [ph_limit]}
# ---
# %%
import os
import pandas as pd
os.chdir("fieldwork/2021")
!ls
# %%
soil = pd.read_csv("soil.csv")
ph_limit = 6.0
acid = soil[soil.ph < ph_limit]
acid.to_csv("acid_plots.csv", index=False)
# %%
%cd ../..
# %%
acid.groupby("depth").ph.agg(["count", "min"])
