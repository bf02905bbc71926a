"""A log of temperatures."""

import numpy as np


def make(root):
    rng = np.random.default_rng(0)
    t = np.arange(200)
    values = 20 + 5 * np.sin(t / 15) + rng.normal(0, 0.3, 200)
    np.savetxt(root / "log.txt", np.c_[t, values], header="t temp", fmt="%.3f")
