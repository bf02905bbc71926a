# ---
# about: chunksize, usecols, thousands, dtype; a Counter; magics %%time and %timeit
# style: engineering
# notebook: access-log.ipynb
# inputs: [access.csv]
# outputs:
#   - {table: ".*error.*|.*hour.*", file: errors_per_hour.csv}
# parameters: {should: [CHUNK]}
# ---
# %%
import pandas as pd
from collections import Counter
CHUNK = 400
# %%
%%time
hits = Counter()
parts = []
for chunk in pd.read_csv("access.csv", chunksize=CHUNK, usecols=["ts", "status", "path", "bytes"], thousands=",",
                         dtype={"path": "category"}, parse_dates=["ts"]):
    hits.update(chunk["path"])
    bad = chunk[chunk["status"] >= 400]
    parts.append(bad.groupby([bad.ts.dt.floor("h"), "status"]).agg(n=("path", "size"), volume=("bytes", "sum")))
hits.most_common(3)
# %%
errors = pd.concat(parts).groupby(level=[0, 1]).sum().reset_index()
errors.head()
# %%
%timeit -n 2 -r 1 errors.groupby("status").n.sum()
# %%
errors.to_csv("errors_per_hour.csv", index=False)
