"""Exam results, long."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(6)
    rows = [
        (s, c, sub, int(rng.normal(65, 12)))
        for s in range(25)
        for c in ["2021", "2022"]
        for sub in ["maths", "physics", "art"]
        if rng.random() > 0.07
    ]
    (root / "datasets").mkdir()
    pd.DataFrame(rows, columns=["student", "cohort", "subject", "mark"]).to_csv(
        root / "datasets" / "marks.csv.gz", index=False
    )
