# ---
# about: scratch without a single comment; loadtxt, polyfit, plots only; cells never executed and empty ones
# style: student
# notebook: Untitled1.ipynb
# inputs: [log.txt]
# outputs:
#   - {report: ".*"}
# ---
# %%
import numpy as np
import matplotlib.pyplot as plt
# %%
d = np.loadtxt('log.txt')
d[:5]
# %%
t, T = d.T
plt.plot(t, T, '.')
# %%
w = 15
k = np.ones(w)/w
s = np.convolve(T, k, mode='same')
plt.plot(t, T, '.', alpha=.3); plt.plot(t[w:-w], s[w:-w])
# %%
p = np.polyfit(t, T, 3)
p
# %% {"unexecuted": true}
np.polyval(p, 250)
# %% {"unexecuted": true}
