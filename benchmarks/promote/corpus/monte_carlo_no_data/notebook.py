# ---
# about: a numeric simulation without any data; np.save of arrays, legacy global seed, globals in functions
# style: science
# notebook: random_walks.ipynb
# leftovers: false
# parameters: {should: [n_walkers, n_steps, seed]}
# ---
# %%
import numpy as np
import matplotlib.pyplot as plt
# %%
n_walkers = 200
n_steps = 300
step = 1.0
seed = 1234
np.random.seed(seed)
# %%
def walk():
    global paths
    paths = np.cumsum(np.random.choice([-step, step], (n_walkers, n_steps)), axis=1)

walk()
paths.shape
# %%
msd = (paths ** 2).mean(axis=0)
plt.loglog(np.arange(1, n_steps + 1), msd)
plt.loglog(np.arange(1, n_steps + 1), np.arange(1, n_steps + 1), 'k--')
# %%
D = np.polyfit(np.arange(n_steps), msd, 1)[0] / 2
print(f'D = {D:.3f}')
# %%
np.save('msd.npy', msd)
np.savez_compressed('walks.npz', paths=paths, D=D)
