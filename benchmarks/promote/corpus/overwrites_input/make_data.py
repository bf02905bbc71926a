"""A list of contacts."""

import pandas as pd


def make(root):
    pd.DataFrame({"name": [" Ann", "Bob ", "Ann", None], "mail": ["ANN@X.org", "bob@x.org", "ann@x.org", "c@x.org"]}).to_csv(
        root / "contacts.csv", index=False
    )
