"""Passengers, as a competition gives them."""

import numpy as np
import pandas as pd


def make(root):
    rng = np.random.default_rng(1912)
    n = 400
    sex = rng.choice(["male", "female"], n, p=[0.64, 0.36])
    pclass = rng.choice([1, 2, 3], n, p=[0.24, 0.21, 0.55])
    age = np.where(rng.random(n) < 0.2, np.nan, rng.gamma(5, 6, n).round(1))
    p = 1 / (1 + np.exp(-(1.2 - 0.9 * (pclass - 1) + 2.4 * (sex == "female") - 1.6)))
    frame = pd.DataFrame(
        {
            "PassengerId": np.arange(1, n + 1),
            "Pclass": pclass,
            "Name": [f"Person, Mr. {i}" if s == "male" else f"Person, Mrs. {i}" for i, s in enumerate(sex)],
            "Sex": sex,
            "Age": age,
            "SibSp": rng.integers(0, 4, n),
            "Parch": rng.integers(0, 3, n),
            "Fare": rng.exponential(30, n).round(4),
            "Embarked": rng.choice(["S", "C", "Q", None], n, p=[0.7, 0.18, 0.1, 0.02]),
        }
    )
    frame["Survived"] = (rng.random(n) < p).astype(int)
    frame[:300].to_csv(root / "train.csv", index=False)
    frame[300:].drop(columns="Survived").to_csv(root / "test.csv", index=False)
