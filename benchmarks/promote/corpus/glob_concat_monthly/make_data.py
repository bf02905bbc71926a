"""Monthly exports; one with another order of columns."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(14)
    folder = root / "data" / "exports"
    folder.mkdir(parents=True)
    for k, month in enumerate(["2023-01", "2023-02", "2023-03", "2023-04"]):
        n = 40
        frame = pd.DataFrame(
            {
                "invoice": [f"{month}-{i:03}" for i in range(n)],
                "client": rng.choice(["Acme", "Globex", "Initech"], n),
                "net": rng.gamma(2, 300, n).round(2),
            }
        )
        if k == 2:
            frame = frame[["client", "invoice", "net"]]
        frame.to_csv(folder / f"invoices_{month}.csv", index=False)
    (folder / "readme.txt").write_text("exported by finance\n")
