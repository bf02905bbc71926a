# ---
# about: reading and writing inside functions that get the year and the folder; called in a dict comprehension
# style: engineering
# notebook: delays.ipynb
# leftovers: false
# inputs: [in/delays_2021.csv, in/delays_2022.csv]
# outputs:
#   - {table: ".*compar.*|.*delay.*", file: out/comparison.csv}
# ---
# %%
import os
import pandas as pd

IN, OUT = "in", "out"
YEARS = [2021, 2022]

def read(year: int) -> pd.DataFrame:
    """One year of delays."""
    return pd.read_csv(f"{IN}/delays_{year}.csv").assign(year=year)

def save(df: pd.DataFrame, name: str) -> str:
    os.makedirs(OUT, exist_ok=True)
    path = os.path.join(OUT, name + ".csv")
    df.to_csv(path)
    return path
# %%
by_year = {y: read(y) for y in YEARS}
comparison = pd.concat(by_year.values()).pivot_table(index="line", columns="year", values="delay", aggfunc="mean").round(4)
comparison.columns = [f"y{c}" for c in comparison.columns]
comparison["change"] = comparison["y2022"] - comparison["y2021"]
# %%
save(comparison, "comparison")
