# ---
# about: MultiIndex of rows into Parquet, to_json of records, to_pickle; three tables of one notebook; display of a Styler
# style: analyst
# notebook: league.ipynb
# inputs: [matches.csv]
# outputs:
#   - {table: ".*(team|season).*", file: team_season.parquet}
#   - {table: ".*rank.*", file: ranking.json, read: {orient: records}}
# ---
# %%
import pandas as pd
matches = pd.read_csv("matches.csv")
# %%
team_season = matches.groupby(["season", "team"]).agg(games=("goals", "size"), goals=("goals", "sum"), home=("home", "mean"))
team_season.style.format({"home": "{:.0%}"})
# %%
team_season.to_parquet("team_season.parquet")
matches.to_pickle("matches.pkl")
# %%
ranking = team_season.groupby(level="team").goals.sum().sort_values(ascending=False).reset_index()
ranking["pos"] = ranking.index + 1
ranking.to_json("ranking.json", orient="records", indent=2)
