# ---
# about: downloads only if the archive is not there - it is -, unpacks it and reads it through zipfile
# style: book
# notebook: ch03-bike-sharing.ipynb
# leftovers: false
# inputs: [data/Bike-Sharing.zip]
# outputs:
#   - {table: ".*season.*", file: data/season_means.csv}
# parameters: {must_not: [URL]}
# ---
# %%
from pathlib import Path
import urllib.request
import zipfile
import pandas as pd

URL = "https://archive.example.invalid/00275/Bike-Sharing.zip"
target = Path("data/Bike-Sharing.zip")
if not target.is_file():
    target.parent.mkdir(parents=True, exist_ok=True)
    urllib.request.urlretrieve(URL, target)
# %%
with zipfile.ZipFile(target) as z:
    print(z.namelist())
    with z.open("day.csv") as f:
        day = pd.read_csv(f)
day.head()
# %%
season_means = day.groupby("season").mean().round(5)
season_means.to_csv("data/season_means.csv")
