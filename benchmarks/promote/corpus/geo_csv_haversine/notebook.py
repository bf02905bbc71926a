# ---
# about: zip codes as text by dtype, a mixed object column, haversine, nearest pairs in nested loops, plotly figure shown
# style: analyst
# notebook: nearest shops.ipynb
# inputs: [shops.csv]
# outputs:
#   - {table: ".*nearest.*", file: nearest.csv, read: {dtype: {zip: str}}}
# parameters: {should: [CENTER], must_not: [EARTH_RADIUS_KM]}
# ---
# %%
import numpy as np, pandas as pd
EARTH_RADIUS_KM = 6371.0
CENTER = (52.52, 13.405)
shops = pd.read_csv("shops.csv", dtype={"zip": str, "phone": str})
shops.dtypes
# %%
def haversine(lat1, lon1, lat2, lon2):
    lat1, lon1, lat2, lon2 = map(np.radians, (lat1, lon1, lat2, lon2))
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(h))
# %%
shops["km_centre"] = haversine(shops.lat, shops.lon, *CENTER).round(4)
best = []
for i, a in shops.iterrows():
    d = [(haversine(a.lat, a.lon, b.lat, b.lon), b.shop) for j, b in shops.iterrows() if i != j]
    km, name = min(d)
    best.append({"shop": a.shop, "zip": a.zip, "staff": a.staff, "nearest": name, "km": round(km, 4)})
nearest = pd.DataFrame(best).merge(shops[["shop", "km_centre"]], on="shop")
nearest.head()
# %%
import plotly.express as px
px.scatter(shops, x="lon", y="lat", hover_name="shop", width=500, height=400)
# %%
nearest.to_csv("nearest.csv", index=False)
