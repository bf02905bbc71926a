# ---
# about: two models and a scaler saved by joblib.dump in one cell, then loaded again; a prediction table saved
# style: course
# notebook: fish-weight.ipynb
# inputs: [Fish.csv]
# outputs:
#   - {model: ".*lin.*", file: artifacts/linear.joblib}
#   - {model: ".*forest.*", file: artifacts/forest.joblib}
#   - {table: ".*pred.*", file: artifacts/predictions.csv}
# parameters: {should: [TREES]}
# ---
# %%
import os
import joblib
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler
TREES = 20
fish = pd.read_csv("Fish.csv")
fish.columns = fish.columns.str.lower()
# %%
scaler = StandardScaler().fit(fish[["length"]])
Z = scaler.transform(fish[["length"]])
linear = LinearRegression().fit(Z, fish.weight)
forest = RandomForestRegressor(n_estimators=TREES, random_state=0).fit(Z, fish.weight)
# %%
os.makedirs("artifacts", exist_ok=True)
joblib.dump(scaler, "artifacts/scaler.joblib"); joblib.dump(linear, "artifacts/linear.joblib")
joblib.dump(forest, "artifacts/forest.joblib", compress=3)
# %%
again = joblib.load("artifacts/forest.joblib")
fish.assign(linear=linear.predict(Z), forest=again.predict(Z)).to_csv("artifacts/predictions.csv", index=False)
