"""Measurements, simulations and series."""

NOTEBOOKS = {
    "time_series_decomposition": """
# %% [markdown]
# # Passengers: trend and season
# %%
import pandas as pd
import numpy as np
import matplotlib.pyplot as plt
# %%
series = pd.read_csv("data/passengers.csv", parse_dates=["month"], index_col="month")["passengers"].asfreq("MS")
series.tail(3)
# %%
trend = series.rolling(12, center=True).mean()
season = (series - trend).groupby(series.index.month).mean()
residual = series - trend - series.index.month.map(season).values
# %%
fig, axes = plt.subplots(3, 1, sharex=True)
for ax, (label, part) in zip(axes, {"trend": trend, "series": series, "rest": residual}.items()):
    ax.plot(part)
    ax.set_ylabel(label)
# %%
train, test = series[:"1956-12"], series["1957-01":]
naive = train.iloc[-12:].to_numpy()
errors = test.iloc[:12].to_numpy() - naive
mape = np.mean(np.abs(errors / test.iloc[:12]))
print(f"MAPE of the seasonal naive forecast: {mape:.1%}")
# %%
future = pd.date_range(series.index[-1] + pd.offsets.MonthBegin(1), periods=3, freq="MS")
pd.Series(naive[:3], index=future)
""",
    "monte_carlo_pi": """
# %% [markdown]
# # How fast does it converge?
# %%
import random
import time
import math

random.seed(2024)
# %%
def estimate(n):
    inside = 0
    for _ in range(n):
        x, y = random.random(), random.random()
        inside += x * x + y * y <= 1
    return 4 * inside / n
# %%
start = time.time()
errors = {n: abs(estimate(n) - math.pi) for n in (100, 1_000, 10_000)}
elapsed = time.time() - start
errors
# %%
print(f"{elapsed:.2f} s for {sum(errors):,} points")
""",
    "differential_equations": """
# %% [markdown]
# # Lotka–Volterra
# $\\dot x = \\alpha x - \\beta xy$
# %%
import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import fsolve, minimize
import matplotlib.pyplot as plt
# %%
α, β, γ, δ = 1.1, 0.4, 0.4, 0.1

def rhs(t, z):
    x, y = z
    return [α * x - β * x * y, δ * x * y - γ * y]

solution = solve_ivp(rhs, (0, 50), [10, 10], dense_output=True, rtol=1e-6)
# %%
t = np.linspace(0, 50, 300)
prey, predators = solution.sol(t)
plt.plot(t, prey, label="prey"), plt.plot(t, predators, label="predators")
plt.legend();
# %%
x0, y0 = fsolve(lambda z: rhs(0, z), [5, 2])
print(x0, y0)
# %%
best = minimize(lambda p: (p[0] - 1) ** 2 + (p[1] - 2.5) ** 2, x0=[0, 0])
best.x.round(3)
""",
    "image_filters": """
# %% [markdown]
# # Filters by hand
# %%
import numpy as np
from PIL import Image, ImageFilter
from scipy.ndimage import convolve
import matplotlib.pyplot as plt
from IPython.display import display
# %%
yy, xx = np.mgrid[:64, :64]
picture = ((xx - 32) ** 2 + (yy - 32) ** 2 < 400).astype(np.uint8) * 255
image = Image.fromarray(picture)
image.size
# %%
kernel = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
edges = convolve(picture.astype(int), kernel)
plt.subplot(121); plt.imshow(picture, cmap="gray")
plt.subplot(122); plt.imshow(edges, cmap="gray")
plt.tight_layout()
# %%
display(image.filter(ImageFilter.GaussianBlur(2)))
# %%
hist, bins = np.histogram(edges, bins=5)
for count, left in zip(hist, bins):
    print(f"{left:8.1f} {'#' * (count // 200)}")
""",
    "bootstrap_intervals": """
# %% [markdown]
# # Bootstrap
# %%
import numpy as np
import pandas as pd
from tqdm.auto import tqdm
# %%
generator = np.random.Generator(np.random.PCG64(11))
visits = pd.read_csv("data/customers.csv")["visits"].to_numpy()
# %%
%%time
statistics = np.empty(1000)
for i in tqdm(range(1000), disable=True):
    resampled = generator.choice(visits, size=len(visits), replace=True)
    statistics[i] = np.median(resampled)
# %%
low, high = np.percentile(statistics, [2.5, 97.5])
print(f"median {np.median(visits):.1f}, 95% from {low:.1f} to {high:.1f}")
""",
    "survey_weights": """
# %% [markdown]
# # Weighted means
# A survey asked more people in cities than live there.
# %%
import pandas as pd
# %%
survey = pd.read_csv("data/customers.csv", usecols=["city", "age", "visits"])
POPULATION = {"Oslo": 700_000, "Bergen": 290_000, "Moss": 50_000}
# %%
counts = survey["city"].value_counts()
weights = survey["city"].map(lambda city: POPULATION[city] / counts[city])
weighted = (survey["visits"] * weights).sum() / weights.sum()
plain = survey["visits"].mean()
weighted, plain
# %%
for city, group in survey.groupby("city"):
    print(f"{city:<8}{group['visits'].mean():6.2f}")
# %%
def weighted_quantile(values, q, sample_weight):
    order = values.sort_values().index
    cumulative = sample_weight[order].cumsum() / sample_weight.sum()
    return values[cumulative[cumulative >= q].index[0]]

weighted_quantile(survey["age"], 0.5, weights)
""",
    "signal_spectrum": """
# %% [markdown]
# # Spectrum
# %%
from scipy import signal, fft
import numpy as np, matplotlib.pyplot as plt
rate = 500 # Hz
time = np.arange(0, 2, 1/rate)
noise = np.random.default_rng(3).normal(scale=.5, size=time.size)
wave = np.sin(2*np.pi*50*time) + noise
# %%
freqs = fft.rfftfreq(wave.size, 1/rate)
power = np.abs(fft.rfft(wave))**2
peak = freqs[power.argmax()]
print(peak, 'Hz')
# %%
b, a = signal.butter(4, [45, 55], btype='band', fs=rate)
clean = signal.filtfilt(b, a, wave)
plt.plot(time[:100], wave[:100], time[:100], clean[:100]);
# %%
np.corrcoef(wave, clean)[0, 1]
""",
}
