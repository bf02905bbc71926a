# ---
# about: cells at the end that raised when they were tried, and one never executed with an error in it
# style: analyst
# notebook: members.ipynb
# runs: false
# promote: maybe
# inputs: [members.csv]
# outputs:
#   - {table: ".*fees.*", file: fees_by_year.csv}
# ---
# %%
import pandas as pd
m = pd.read_csv('members.csv', parse_dates=['joined'], dayfirst=True)
# %%
m['year'] = m.joined.dt.year
fees = m.groupby('year', as_index=False).fee.sum()
fees.to_csv('fees_by_year.csv', index=False)
fees
# %% {"raises": true}
m.groupby('yaer').fee.mean()
# %% {"unexecuted": true}
fees.plt(x='year'
