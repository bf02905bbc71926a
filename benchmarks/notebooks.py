"""What is run: the cells of the notebooks, and their files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

TRIVIAL = ["x = 1", "y = x + 1", "print(x + y)"]
REAL_ROWS = 300_000
REAL = [
    "import pandas as pd\n"
    "import matplotlib.pyplot as plt\n"
    "from sklearn.linear_model import LogisticRegression\n"
    "from sklearn.metrics import roc_auc_score\n"
    "from sklearn.model_selection import train_test_split\n"
    "from sklearn.pipeline import make_pipeline\n"
    "from sklearn.preprocessing import StandardScaler",
    "flights = pd.read_parquet({data!r})\nflights['late'] = flights['arr_delay'] > 15",
    "by_hour = flights.groupby('hour')['late'].mean()\n"
    "by_carrier = flights.groupby(['carrier', 'origin'])['arr_delay'].agg(['mean', 'median', 'count'])",
    "columns = ['month', 'hour', 'distance', 'dep_delay', 'wind', 'precip']\n"
    "train, test = train_test_split(flights, test_size=0.3, random_state=0)\n"
    "model = make_pipeline(StandardScaler(), LogisticRegression()).fit(train[columns], train['late'])",
    "figure, axes = plt.subplots()\n"
    "axes.plot(by_hour.index, by_hour)\n"
    "figure.savefig({picture!r})\n"
    "plt.close(figure)",
    "print(roc_auc_score(test['late'], model.predict_proba(test[columns])[:, 1]))",
]
HEADLESS = "import matplotlib\nmatplotlib.use('Agg')\n"  # what a notebook's kernel does by itself


def real_cells(folder: Path) -> list[str]:
    """Return the cells of the real notebook, after writing the table that they read."""
    data = folder / "flights.parquet"
    if not data.exists():
        _write_flights(data)
    return [cell.format(data=str(data), picture=str(folder / "late.png")) for cell in REAL]


def _write_flights(path: Path) -> None:
    import numpy as np
    import pandas as pd

    rng, rows = np.random.default_rng(2013), REAL_ROWS
    frame = pd.DataFrame(
        {
            "carrier": rng.choice(["UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN"], rows),
            "origin": rng.choice(["EWR", "JFK", "LGA"], rows),
            "month": rng.integers(1, 13, rows, dtype="int32"),
            "hour": rng.integers(5, 24, rows, dtype="int32"),
            "distance": rng.gamma(3, 350, rows).round(),
            "dep_delay": rng.exponential(20, rows).round() - 8,
            "wind": rng.gamma(2, 5, rows).round(1),
            "precip": rng.exponential(0.02, rows),
        }
    )
    frame["arr_delay"] = (frame.dep_delay + frame.wind / 2 + rng.normal(0, 12, rows) - 6).round()
    frame.to_parquet(path, index=False)


def write_notebook(path: Path, cells: Sequence[str], *, outputs: Mapping[int, str] | None = None) -> Path:
    """Write a notebook of these code cells; one that begins with ``# `` is a heading in Markdown.

    Args:
        path: the file.
        cells: their sources.
        outputs: position of a cell to the page of HTML that it showed when somebody ran it.
    """
    shown = outputs or {}
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": kernel,
        "cells": [_cell(number, source, shown.get(number)) for number, source in enumerate(cells)],
    }
    path.write_text(json.dumps(content), "utf-8")
    return path


def _cell(number: int, source: str, shown: str | None) -> dict[str, object]:
    cell: dict[str, object] = {"id": f"c{number}", "metadata": {}, "source": source}
    if source.startswith("# "):
        return {**cell, "cell_type": "markdown"}
    data = {"text/html": shown, "text/plain": "a table"}
    result = {"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data}
    outputs = [result] if shown else []
    return {**cell, "cell_type": "code", "execution_count": number if shown else None, "outputs": outputs}


def write_script(path: Path, cells: Sequence[str]) -> Path:
    """Write the cells as a script."""
    needs_plot = any("matplotlib" in cell for cell in cells)
    path.write_text((HEADLESS if needs_plot else "") + "\n".join(cells), "utf-8")
    return path
