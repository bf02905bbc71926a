# ---
# about: Path.glob, and in the loop a file and a figure for each station by f-string - names that only the run knows
# style: science
# notebook: rain.ipynb
# leftovers: false
# inputs: [stations]
# ---
# %%
from pathlib import Path
import pandas as pd
import matplotlib.pyplot as plt

out = Path("results"); out.mkdir(exist_ok=True)
# %%
totals = {}
for path in sorted(Path("stations").glob("*.csv")):
    rain = pd.read_csv(path, parse_dates=["day"]).set_index("day")
    weekly = rain.resample("W").sum()
    weekly.to_csv(out / f"{path.stem}_weekly.csv")
    fig, ax = plt.subplots(figsize=(4, 2))
    weekly.rain.plot(ax=ax, title=path.stem)
    fig.savefig(out / f"{path.stem}.png")
    plt.close(fig)
    totals[path.stem] = rain.rain.sum()
# %%
pd.Series(totals).round(1)
