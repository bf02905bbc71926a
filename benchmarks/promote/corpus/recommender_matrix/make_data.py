"""Ratings of films."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(37)
    folder = root / "ml-mini"
    folder.mkdir()
    pairs = {(int(u), int(m)) for u, m in zip(rng.integers(1, 40, 700), rng.integers(1, 30, 700))}
    rows = [(u, m, int(rng.integers(1, 6)), 900000000 + 37 * u * m) for u, m in sorted(pairs)]
    pd.DataFrame(rows).to_csv(folder / "u.data", sep="\t", header=False, index=False)
    lines = [f"{i}|Film {i} ({1980 + i})|{'Drama' if i % 2 else 'Comedy'}" for i in range(1, 30)]
    (folder / "u.item").write_text("\n".join(lines) + "\n", "latin-1")
