# ---
# about: a published analysis, knobs as constants, bootstrap with a seed, scipy, numbers as the result, figure saved; no table
# style: published
# notebook: ab-test.ipynb
# inputs: [ab_data.csv]
# parameters: {should: [N_BOOT, SEED, ALPHA]}
# ---
# %% [markdown]
# # Did the new landing page convert better?
# *Supplementary material.*
# %%
import numpy as np
import pandas as pd
import scipy.stats as st
import matplotlib.pyplot as plt

N_BOOT = 500
SEED = 20240101
ALPHA = 0.05
# %%
df = pd.read_csv("ab_data.csv", index_col="user_id").sort_index()
assert not df.index.duplicated().any()
tab = pd.crosstab(df.group, df.converted)
tab
# %%
chi2, p, dof, _ = st.chi2_contingency(tab)
print(f"chi2={chi2:.3f} p={p:.4f}", "significant" if p < ALPHA else "not significant")
# %%
rng = np.random.default_rng(SEED)
a = df.loc[df.group == "control", "converted"].to_numpy()
b = df.loc[df.group == "treatment", "converted"].to_numpy()
diffs = np.array([rng.choice(b, b.size).mean() - rng.choice(a, a.size).mean() for _ in range(N_BOOT)])
low, high = np.quantile(diffs, [ALPHA / 2, 1 - ALPHA / 2])
low, high
# %%
plt.hist(diffs, bins=30, color="0.6")
plt.axvline(low, ls="--"); plt.axvline(high, ls="--")
plt.xlabel("difference in conversion")
plt.savefig("figure_2.svg", bbox_inches="tight")
