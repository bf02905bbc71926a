# ---
# about: builds a cache if it is missing, else loads it; pickle of a dict; text processing
# style: science
# notebook: poems.ipynb
# inputs: [poems.txt]
# parameters: {should: [MIN_COUNT], must_not: [CACHE]}
# ---
# %%
import os, pickle, re
from collections import Counter
CACHE = "tokens.pkl"
MIN_COUNT = 3
# %%
if os.path.exists(CACHE):
    with open(CACHE, "rb") as f:
        tokens = pickle.load(f)
else:
    text = open("poems.txt").read().lower()
    tokens = {i: re.findall(r"[a-z']+", p) for i, p in enumerate(text.split("\n\n"))}
    with open(CACHE, "wb") as f:
        pickle.dump(tokens, f)
len(tokens)
# %%
counts = Counter(t for ts in tokens.values() for t in ts)
vocab = sorted(w for w, c in counts.items() if c >= MIN_COUNT)
print(vocab)
# %%
import matplotlib.pyplot as plt
common = counts.most_common(10)
plt.bar([w for w, _ in common], [c for _, c in common]); plt.xticks(rotation=60)
