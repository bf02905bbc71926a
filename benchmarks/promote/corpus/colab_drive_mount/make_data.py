"""Reviews of a shop."""

import numpy as np
import pandas as pd

GOOD = "great lovely excellent fast happy recommend perfect nice".split()
BAD = "broken slow awful refund never disappointed cheap wrong".split()
REST = "the product delivery box colour size arrived friend bought it was very and".split()


def make(root):
    rng = np.random.default_rng(11)
    rows = []
    for _ in range(250):
        good = rng.random() < 0.55
        words = [*rng.choice(GOOD if good else BAD, 3), *rng.choice(REST, 6)]
        rng.shuffle(words)
        rows.append((" ".join(words), int(good)))
    pd.DataFrame(rows, columns=["review", "label"]).to_csv(root / "reviews.csv", index=False)
