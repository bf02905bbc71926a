# ---
# about: no pandas at all; csv module in, csv.DictWriter out, a function, a class, if __name__
# style: student
# notebook: budget.ipynb
# inputs: [statement.csv]
# parameters: {must_not: [CATEGORIES]}
# ---
# %%
import csv
from collections import defaultdict
from datetime import datetime

CATEGORIES = {"RENT": "housing", "COFFEE SHOP": "fun", "GROCERY 24": "food", "SALARY": "income"}
# %%
class Transaction:
    def __init__(self, row):
        self.date = datetime.strptime(row["Date"], "%d/%m/%Y").date()
        self.what = row["Description"].strip().upper()
        self.amount = float(row["Amount"])

    @property
    def category(self):
        return CATEGORIES.get(self.what, "other")

def load(path):
    with open(path, newline="") as f:
        return [Transaction(r) for r in csv.DictReader(f, delimiter="|")]
# %%
def summarise(transactions):
    totals = defaultdict(float)
    for t in transactions:
        totals[(t.date.month, t.category)] += t.amount
    return totals
# %%
if __name__ == "__main__":
    transactions = load("statement.csv")
    totals = summarise(transactions)
    for (month, cat), amount in sorted(totals.items()):
        print(f"{month:>2} {cat:<10} {amount:>10.2f}")
# %%
with open("budget.csv", "w", newline="") as f:
    w = csv.DictWriter(f, fieldnames=["month", "category", "amount"])
    w.writeheader()
    for (m, c), a in sorted(totals.items()):
        w.writerow({"month": m, "category": c, "amount": round(a, 2)})
