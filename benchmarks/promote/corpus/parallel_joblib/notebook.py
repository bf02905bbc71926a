# ---
# about: joblib.Parallel with threads, a function of the notebook in it, RandomizedSearchCV with n_jobs; a progress bar
# style: engineering
# notebook: per-series-fit.ipynb
# inputs: [series.csv]
# outputs:
#   - {table: ".*(slope|fit).*", file: slopes.parquet}
#   - {model: ".*(search|model|best|tree|knn|reg).*", variable: search, proposed: true}
# parameters: {should: [N_JOBS], must_not: [grid]}
# ---
# %%
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.model_selection import RandomizedSearchCV
from sklearn.neighbors import KNeighborsRegressor
N_JOBS = 2
# %%
series = pd.read_csv("series.csv")

def slope(i, g):
    return {"id": int(i), "slope": float(np.polyfit(g.t, g.v, 1)[0])}

slopes = pd.DataFrame(Parallel(n_jobs=N_JOBS, prefer="threads")(delayed(slope)(i, g) for i, g in series.groupby("id")))
slopes.to_parquet("slopes.parquet", index=False)
# %%
grid = {"n_neighbors": [2, 4, 8], "weights": ["uniform", "distance"]}
search = RandomizedSearchCV(KNeighborsRegressor(), grid, n_iter=3, cv=3, random_state=3)
search.fit(series[["id", "t"]], series.v)
search.best_params_, round(search.best_score_, 3)
