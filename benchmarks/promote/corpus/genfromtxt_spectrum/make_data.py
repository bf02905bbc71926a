"""A spectrum, with comments in the file."""

import numpy as np


def make(root):
    rng = np.random.default_rng(35)
    x = np.linspace(400, 700, 150)
    y = 5 * np.exp(-((x - 520) ** 2) / 200) + 3 * np.exp(-((x - 610) ** 2) / 400) + rng.normal(0, 0.05, 150)
    lines = ["% spectrometer 3", "wavelength,counts", *(f"{a:.2f},{b:.4f}" for a, b in zip(x, y))]
    (root / "spectrum.dat").write_text("\n".join(lines) + "\n")
