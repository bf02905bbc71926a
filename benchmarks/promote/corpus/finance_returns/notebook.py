# ---
# about: index of dates, rolling, resample, dates and a rate as knobs, two tables saved with meaningful indexes
# style: book
# notebook: ch07_portfolio.ipynb
# inputs: [data/prices.csv]
# outputs:
#   - {table: ".*return.*", file: monthly_returns.csv}
#   - {table: ".*stat.*|.*summary.*", file: stats.csv}
# parameters: {should: [start_date, risk_free], must_not: [tickers]}
# ---
# %%
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
plt.rcParams['figure.figsize'] = (8, 4)
# %%
start_date = '2020-02-01'
end_date = '2020-12-24'
risk_free = 0.01
tickers = ['AAA', 'BBB', 'CCC']
# %%
prices = pd.read_csv('data/prices.csv', index_col='Date', parse_dates=True).loc[start_date:end_date, tickers]
rets = np.log(prices / prices.shift(1)).dropna()
rets.cumsum().apply(np.exp).plot();
# %%
monthly = rets.resample('ME').sum()
monthly.to_csv('monthly_returns.csv')
monthly.tail(3)
# %%
stats = pd.DataFrame({
    'ann_return': rets.mean() * 252,
    'ann_vol': rets.std() * np.sqrt(252),
})
stats['sharpe'] = (stats.ann_return - risk_free) / stats.ann_vol
stats.to_csv('stats.csv')
stats
# %%
rets.rolling(21).std().plot(title='rolling volatility')
plt.show()
