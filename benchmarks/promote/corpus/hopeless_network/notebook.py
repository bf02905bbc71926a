# ---
# about: reads from a server that is not there
# style: course
# notebook: covid.ipynb
# runs: false
# promote: "no"
# why: data.example.invalid|network|url|http
# ---
# %%
import pandas as pd
url = "https://data.example.invalid/owid/covid-data.csv"
covid = pd.read_csv(url)
# %%
covid.groupby("location").new_cases.sum().nlargest(10)
