# ---
# about: a function is used above the cell that defines it, as the order of execution shows
# style: analyst
# notebook: coffee.ipynb
# runs: false
# promote: maybe
# inputs: [coffee.csv]
# outputs:
#   - {table: ".*", file: coffee_change.csv}
# ---
# %% {"run": 1}
import pandas as pd
coffee = pd.read_csv('coffee.csv')
# %% {"run": 3}
coffee['change'] = pct(coffee['price'])
coffee.tail()
# %% {"run": 2}
def pct(s):
    """Change to the month before in percent."""
    return (s / s.shift(1) - 1) * 100
# %% {"run": 4}
coffee.to_csv('coffee_change.csv', index=False)
