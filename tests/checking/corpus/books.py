"""As in books: a running text, with figures and small experiments between."""

NOTEBOOKS = {
    "chapter_01_landscape": """
# %% [markdown]
# **Chapter 1 – The landscape**
#
# _This notebook holds the code of chapter 1._
# %% [markdown]
# # Setup
# %%
import sys

assert sys.version_info >= (3, 7)
# %%
import numpy as np
import pandas as pd
import sklearn
import matplotlib.pyplot as plt
from packaging import version

assert version.parse(sklearn.__version__) >= version.parse("1.0.1")
plt.rc('font', size=12)
plt.rc('axes', labelsize=14, titlesize=14)
np.random.seed(42)
# %% [markdown]
# # Code example
# %%
from sklearn.linear_model import LinearRegression

people = pd.read_csv("data/customers.csv").dropna()
X = people[["age"]].values
y = people[["income"]].values
people.plot(kind='scatter', grid=True, x="age", y="income")
plt.axis([15, 80, 0, 60_000])
plt.show()
# %%
model = LinearRegression()
model.fit(X, y)
X_new = [[37]]
print(model.predict(X_new))
# %%
from sklearn.neighbors import KNeighborsRegressor

model = KNeighborsRegressor(n_neighbors=3)
model.fit(X, y)
print(model.predict(X_new))
""",
    "chapter_04_training": """
# %% [markdown]
# # Training models
# %%
import numpy as np
import matplotlib.pyplot as plt
from sklearn.preprocessing import PolynomialFeatures, StandardScaler, add_dummy_feature
from sklearn.linear_model import LinearRegression, Ridge, SGDRegressor
from sklearn.pipeline import make_pipeline

np.random.seed(42)
m = 100
X = 2 * np.random.rand(m, 1)
y = 4 + 3 * X + np.random.randn(m, 1)
# %%
X_b = add_dummy_feature(X)
theta_best = np.linalg.inv(X_b.T @ X_b) @ X_b.T @ y
theta_best
# %%
theta_path_sgd = []
n_epochs, t0, t1 = 5, 5, 50

def learning_schedule(t):
    return t0 / (t + t1)

theta = np.random.randn(2, 1)
for epoch in range(n_epochs):
    for iteration in range(m):
        random_index = np.random.randint(m)
        xi = X_b[random_index : random_index + 1]
        yi = y[random_index : random_index + 1]
        gradients = 2 * xi.T @ (xi @ theta - yi)
        theta = theta - learning_schedule(epoch * m + iteration) * gradients
        theta_path_sgd.append(theta)
theta
# %%
sgd_reg = SGDRegressor(max_iter=1000, tol=1e-5, penalty=None, eta0=0.01, random_state=42)
sgd_reg.fit(X, y.ravel())
sgd_reg.intercept_, sgd_reg.coef_
# %%
def plot_model(model_class, polynomial, alphas, **model_kwargs):
    X_new = np.linspace(0, 2, 50).reshape(50, 1)
    for alpha, style in zip(alphas, ("b:", "g--", "r-")):
        model = model_class(alpha, **model_kwargs) if alpha > 0 else LinearRegression()
        if polynomial:
            model = make_pipeline(PolynomialFeatures(degree=10, include_bias=False), StandardScaler(), model)
        model.fit(X, y)
        plt.plot(X_new, model.predict(X_new), style, linewidth=2, label=fr"$\\alpha = {alpha}$")
    plt.plot(X, y, "b.")
    plt.legend()

plot_model(Ridge, polynomial=False, alphas=(0, 10, 100), random_state=42)
plt.show()
""",
    "handbook_broadcasting": """
# %% [markdown]
# # Computation on Arrays: Broadcasting
#
# < [Aggregations](02.04.ipynb) | [Contents](Index.ipynb) | [Masks](02.06.ipynb) >
# %%
import numpy as np
# %%
a = np.array([0, 1, 2])
b = np.array([5, 5, 5])
a + b
# %%
M = np.ones((3, 3))
M + a
# %%
a = np.arange(3)
b = np.arange(3)[:, np.newaxis]

print(a)
print(b)
# %%
rng = np.random.default_rng(seed=1701)
X = rng.random((10, 3))
X_centered = X - X.mean(0)
X_centered.mean(0)
# %%
x = np.linspace(0, 5, 50)
y = np.linspace(0, 5, 50)[:, np.newaxis]
z = np.sin(x) ** 10 + np.cos(10 + y * x) * np.cos(x)
# %%
%matplotlib inline
import matplotlib.pyplot as plt
plt.imshow(z, origin='lower', extent=[0, 5, 0, 5])
plt.colorbar();
""",
    "handbook_groupby": '''
# %% [markdown]
# # Aggregation and Grouping
# %%
import numpy as np
import pandas as pd

class display(object):
    """Display HTML representation of multiple objects"""
    template = """<div style="float: left; padding: 10px;">
    <p style='font-family:"Courier New", Courier, monospace'>{0}{1}
    """
    def __init__(self, *args):
        self.args = args

    def _repr_html_(self):
        return '\\n'.join(self.template.format(a, eval(a)._repr_html_()) for a in self.args)

    def __repr__(self):
        return '\\n\\n'.join(a + '\\n' + repr(eval(a)) for a in self.args)
# %%
df = pd.DataFrame({'key': ['A', 'B', 'C', 'A', 'B', 'C'],
                   'data': range(6)}, columns=['key', 'data'])
df.groupby('key').sum()
# %%
rng = np.random.RandomState(0)
df2 = pd.DataFrame({'key': list('ABCABC'), 'data1': range(6), 'data2': rng.randint(0, 10, 6)})
df2.groupby('key').aggregate(['min', 'median', 'max'])
# %%
def filter_func(x):
    return x['data2'].std() > 4

display('df2', "df2.groupby('key').std()")
# %%
df2.groupby('key').filter(filter_func)
# %%
planets = pd.read_csv('data/sales.csv')
quarter = planets['date'].str[5:7].astype(int).sub(1).floordiv(3).add(1)
planets.groupby(['store', quarter])['units'].sum().unstack().fillna(0)
''',
    "think_stats_pmf": '''
# %% [markdown]
# # Chapter 3: Probability mass functions
# Exercises at the end.
# %%
from collections import Counter
import numpy as np
# %%
class Pmf(dict):
    """Maps values to probabilities."""

    @classmethod
    def from_seq(cls, seq):
        counts = Counter(seq)
        total = sum(counts.values())
        return cls({value: n / total for value, n in counts.items()})

    def mean(self):
        return sum(value * p for value, p in self.items())

    def __add__(self, other):
        result = Pmf()
        for v1, p1 in self.items():
            for v2, p2 in other.items():
                result[v1 + v2] = result.get(v1 + v2, 0) + p1 * p2
        return result
# %%
die = Pmf.from_seq(range(1, 7))
two = die + die
two.mean(), max(two, key=two.get)
# %%
def bias(pmf):
    new = Pmf({x: p * x for x, p in pmf.items()})
    total = sum(new.values())
    return Pmf({x: p / total for x, p in new.items()})

np.round(list(bias(die).values()), 3)
''',
    "finance_returns": """
# %% [markdown]
# # Returns and risk
# %%
import math
import numpy as np
import pandas as pd
from pylab import plt, mpl
plt.style.use('seaborn-v0_8')
mpl.rcParams['font.family'] = 'serif'
%matplotlib inline
# %%
S0 = 100.
r, sigma, T = 0.05, 0.25, 1.0
I = 10000
rng = np.random.default_rng(100)
ST = S0 * np.exp((r - sigma ** 2 / 2) * T + sigma * math.sqrt(T) * rng.standard_normal(I))
# %%
def bsm_call(S0, K, T, r, sigma, ST):
    payoff = np.maximum(ST - K, 0)
    return math.exp(-r * T) * payoff.mean()

prices = {K: bsm_call(S0, K, T, r, sigma, ST) for K in range(90, 111, 5)}
pd.Series(prices).round(3)
# %%
M = 50
dt = T / M
S = np.zeros((M + 1, I))
S[0] = S0
for t in range(1, M + 1):
    S[t] = S[t - 1] * np.exp((r - sigma ** 2 / 2) * dt + sigma * math.sqrt(dt) * rng.standard_normal(I))
# %%
plt.figure(figsize=(10, 6))
plt.plot(S[:, :10], lw=1.5)
plt.xlabel('time')
plt.ylabel('index level');
""",
}
