# ---
# about: no header in the file, blanks as separator; scaler, model and column names in one dict that is pickled
# style: book
# notebook: auto mpg.ipynb
# leftovers: false
# inputs: [auto-mpg.data]
# outputs:
#   - {model: ".*(model|svr|reg|mpg).*", variable: reg, proposed: true}
# parameters: {must_not: [cols]}
# ---
# %%
import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR
# %%
cols = ["horsepower", "weight", "origin", "mpg"]
df = pd.read_csv("auto-mpg.data", sep=r"\s+", header=None, names=cols, na_values="?").dropna()
df["origin"] = df["origin"].replace({1: "USA", 2: "Europe", 3: "Japan"})
df = pd.get_dummies(df, columns=["origin"], dtype=float)
# %%
y = df.pop("mpg").values
scaler = StandardScaler()
X = scaler.fit_transform(df.values)
reg = SVR(C=10.0, epsilon=0.2)
reg.fit(X, y)
reg.score(X, y)
# %%
import pickle
artifact = {"scaler": scaler, "model": reg, "columns": list(df.columns)}
pickle.dump(artifact, open("artifact.pkl", "wb"))
