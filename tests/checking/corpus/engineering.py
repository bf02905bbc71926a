"""Functions, settings, optional packages, and assets of a workspace."""

NOTEBOOKS = {
    "optional_packages": """
# %% [markdown]
# # Works with and without
# %%
import sys
import os
try:
    import ujson as json
except ImportError:
    import json
try:
    from tqdm.notebook import tqdm
except ModuleNotFoundError:
    tqdm = lambda iterable, **options: iterable
try:
    import cupy as xp
    ON_GPU = True
except Exception:
    import numpy as xp
    ON_GPU = False
# %%
IN_COLAB = "google.colab" in sys.modules
if IN_COLAB:
    from google.colab import drive
    drive.mount("/content/drive")
DATA = os.environ.get("DATA_DIR", "data")
# %%
print(json.dumps({"gpu": ON_GPU, "where": DATA}))
# %%
total = 0
for value in range(5):
    total += xp.sqrt(value)
float(total)
""",
    "retry_and_log": """
# %% [markdown]
# # Calling something that fails now and then
# %%
import asyncio
import functools
import logging
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, TypeVar

logging.basicConfig(level=logging.INFO)
log = logging.getLogger("demo")
T = TypeVar("T")
# %%
def retry(times: int = 3) -> Callable[[Callable[..., T]], Callable[..., T]]:
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any):
            for attempt in range(1, times + 1):
                try:
                    return function(*args, **kwargs)
                except OSError as error:
                    log.info("attempt %s: %s", attempt, error)
            raise RuntimeError(f"{function.__name__} failed {times} times")
        return wrapper
    return decorate
# %%
calls = 0

@retry(times=4)
def flaky():
    global calls
    calls += 1
    if calls < 3:
        raise OSError("not yet")
    return calls

flaky()
# %%
begun = datetime.now()
async def wait(n):
    await asyncio.sleep(0)
    return n * 2

results = await asyncio.gather(*(wait(n) for n in range(3)))
print("took", datetime.now() - begun, results)
# %%
released = datetime(2023, 5, 1, tzinfo=timezone.utc)
released + timedelta(days=30)
""",
    "settings_from_yaml": """
# %% [markdown]
# # Settings
# %%
import yaml
from pathlib import Path
from types import SimpleNamespace
import pandas as pd
# %%
FOLDER = Path("data")
with (FOLDER / "config.yaml").open() as stream:
    settings = SimpleNamespace(**yaml.safe_load(stream))
settings.columns
# %%
table = pd.read_csv(FOLDER / "customers.csv")[settings.columns]
flagged = table[table.rank(pct=True).gt(settings.threshold).all(axis=1)]
f"{len(flagged)} of {len(table)}"
# %%
files = sorted(path.name for path in FOLDER.glob("*.csv"))
if (FOLDER / "extra.csv").exists():
    extra = pd.read_csv(FOLDER / "extra.csv")
else:
    extra = pd.DataFrame()
files, extra.empty
""",
    "word_counts": """
# %% [markdown]
# # Words of a book
# %%
import re
from collections import Counter
from itertools import islice, pairwise
# %%
with open('data/book.txt', encoding='utf8') as book:
    text = book.read()
words = re.findall(r"[a-z']+", text.lower())
len(words), len(set(words))
# %%
bigrams = Counter(pairwise(words))
for (first, second), n in islice(bigrams.items(), 3):
    print(first, second, n)
# %%
def lines_with(word):
    with open('data/book.txt') as f:
        yield from (number for number, line in enumerate(f, 1) if word in line)

next(lines_with('clocks'))
# %%
if (longest := max(words, key=len)) and len(longest) > 5:
    print(longest.upper())
""",
    "asset_report": """
# %% [markdown]
# # Late flights
#
# The share of late flights by airport, for one month.
# %% tags=parameters
month: str = "2013-03"  # the month to look at
least: int = 100  # flights that an airport needs to be shown
# %%
import pandas as pd

import assetbook as ab

ab.asset(owners=["team:ops"], freshness="1d")
# %%
flights = ab.load("flights")
chosen = flights[pd.to_datetime(flights["time_hour"]).dt.strftime("%Y-%m") == month]
by_airport = chosen.groupby("dest")["arr_delay"].agg(["size", "mean"]).query("size >= @least")
# %%
ab.check("some_airports", len(by_airport) > 0)
ab.save("late_airports", by_airport.reset_index())
# %%
by_airport.sort_values("mean", ascending=False).head(10)
""",
    "asset_model": """
# %% [markdown]
# # A small model
# Predicts churn from age and visits.
# %%
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

import assetbook as ab
# %% tags=parameters
trees: int = 100  # in the forest
seed: int = 0  # of everything drawn at random
# %%
customers = ab.load("customers")
FEATURES = ["age", "visits"]
X_train, X_test, y_train, y_test = train_test_split(
    customers[FEATURES], customers["churned"], test_size=0.25, random_state=seed
)
# %%
forest = RandomForestClassifier(n_estimators=trees, random_state=seed).fit(X_train, y_train)
auc = roc_auc_score(y_test, forest.predict_proba(X_test)[:, 1])
ab.metric("auc", auc)
# %%
ab.save_model("churn_model", forest, sample=X_test.head(), metrics={"auc": auc})
# %%
importances = dict(zip(FEATURES, np.round(forest.feature_importances_, 3)))
importances
""",
    "html_report": '''
# %% [markdown]
# # A page from a table
# %%
from io import StringIO
from textwrap import dedent
from IPython.display import HTML, Markdown, display
import pandas as pd
from jinja2 import Template
# %%
CSV = dedent("""\\
    name,score
    Ada,3
    Grace,5
""")
scores = pd.read_csv(StringIO(CSV))
# %%
page = Template("<ul>{% for row in rows %}<li>{{ row.name }}: {{ row.score }}</li>{% endfor %}</ul>")
HTML(page.render(rows=scores.itertuples()))
# %%
display(Markdown(f"**{scores['score'].sum()}** points in all"))
buffer = StringIO()
scores.to_csv(buffer, index=False)
buffer.getvalue().count("\\n")
''',
    "legacy_style": '''
# %%
"""Analysis of visits -- old school"""
from math import sqrt, log
import csv, os
import numpy
from numpy import *
# %%
rows = []
f = open(os.path.join('data', 'customers.csv'))
for row in csv.DictReader(f):
    rows.append(row)
f.close()
print(len(rows), 'rows')
# %%
visits = array([float(r['visits']) for r in rows])
m, s = visits.mean(), visits.std()
print('mean %.2f sd %.2f se %.3f' % (m, s, s / sqrt(len(visits))))
# %%
def entropy(p): return -sum([q * log(q) for q in p if q > 0])
counts = numpy.bincount(visits.astype(int))
entropy(counts / counts.sum())
# %%
x = linspace(0, 1, 5); y = x ** 2; dot(x, y)
''',
    "simulation_queue": """
# %% [markdown]
# # A queue
# %%
import heapq
import random
import statistics
# %%
class Queue:
    def __init__(self, rate_in, rate_out, rng):
        self.rate_in, self.rate_out, self.rng = rate_in, rate_out, rng
        self.waits = []

    def run(self, customers):
        clock = free_at = 0.0
        for _ in range(customers):
            clock += self.rng.expovariate(self.rate_in)
            begin = max(clock, free_at)
            self.waits.append(begin - clock)
            free_at = begin + self.rng.expovariate(self.rate_out)
        return statistics.mean(self.waits)
# %%
rng = random.Random(5)
means = [Queue(0.8, 1.0, rng).run(200) for _ in range(20)]
print(round(statistics.mean(means), 1), round(statistics.stdev(means), 1))
# %%
worst = heapq.nlargest(3, means)
[round(w, 2) for w in worst]
""",
}
