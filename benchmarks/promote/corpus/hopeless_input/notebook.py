# ---
# about: asks its reader
# style: student
# notebook: songs.ipynb
# runs: false
# promote: "no"
# why: input
# inputs: [songs.csv]
# ---
# %%
import pandas as pd
songs = pd.read_csv("songs.csv")
# %%
n = int(input("How many songs? "))
# %%
songs.nlargest(n, "plays").to_csv("top.csv", index=False)
