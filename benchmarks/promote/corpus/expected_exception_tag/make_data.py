"""Stock of a library."""

import pandas as pd


def make(root):
    rows = [(i, f"Book {i}", 1950 + i * 3 % 70, i % 7) for i in range(40)]
    pd.DataFrame(rows, columns=["id", "title", "year", "copies"]).to_json(root / "books.json", orient="records")
