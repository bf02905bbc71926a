# ---
# about: no metadata at all, no outputs saved, old format; model is fitted and only printed; read_table
# style: student
# notebook: rent.ipynb
# metadata: {}
# nbformat: "4.2"
# saved: cleared
# inputs: [rents.csv]
# outputs:
#   - {model: ".*(lr|model|rent|reg).*", variable: lr, proposed: true}
# ---
# %%
import pandas as pd
from sklearn.linear_model import LinearRegression
# %%
rents = pd.read_table("rents.csv")
X = rents[["size", "rooms"]]
y = rents["rent"]
# %%
lr = LinearRegression()
lr.fit(X, y)
print(lr.coef_, lr.intercept_, lr.score(X, y))
# %%
lr.predict(pd.DataFrame({"size": [55], "rooms": [2]}))
