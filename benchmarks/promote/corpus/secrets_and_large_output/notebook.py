# ---
# about: a password in the source that nothing needs, a very long print, output suppressed with a semicolon
# style: analyst
# notebook: leads report.ipynb
# inputs: [leads.csv]
# outputs:
#   - {table: ".*(hot|lead).*", file: hot_leads.csv}
# parameters: {should: [cut], must_not: [DB_PASSWORD]}
# ---
# %%
import pandas as pd
DB_PASSWORD = "hunter2-Str0ng!"   # TODO move to env
# conn = psycopg2.connect(host="db.example.invalid", password=DB_PASSWORD)
# %%
leads = pd.read_csv("leads.csv")
for i in range(600):
    print(i, leads.iloc[i % len(leads)].to_dict())
# %%
cut = 0.9
hot = leads[leads.score > cut].set_index("lead")
hot.to_csv("hot_leads.csv")
hot.score.plot();
