"""Bank statements."""

import csv

import numpy as np


def make(root):
    rng = np.random.default_rng(22)
    with open(root / "statement.csv", "w", newline="") as file:
        writer = csv.writer(file, delimiter="|")
        writer.writerow(["Date", "Description", "Amount"])
        for i in range(90):
            day = f"{1 + i % 28:02}/{1 + i // 30:02}/2024"
            what = str(rng.choice(["RENT", "COFFEE SHOP", "SALARY", "GROCERY 24", "train"]))
            amount = {"RENT": -800, "SALARY": 2500}.get(what, -round(float(rng.gamma(2, 9)), 2))
            writer.writerow([day, what, amount])
