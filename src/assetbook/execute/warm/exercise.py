"""What the fork server does once after its imports: small pieces of what notebooks do.

Libraries put much off to its first use: modules, tables of methods, fonts, caches. Done here, it is done for all
kernels. What is here starts no thread, draws no random numbers of the shared generators, and leaves nothing
behind that a cell could see.
"""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Callable
from io import BytesIO


def exercise() -> None:
    """Do a little with each library that has been imported; what fails is told in the log of the fork server."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module, work in _WORK.items():
            if module in sys.modules:
                try:
                    work()
                except Exception:  # noqa: BLE001 - the notebook that needs it will meet it too, and say it
                    traceback.print_exc()


def _frames() -> None:
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame({"key": ["a", "b", "c", "a"], "n": [1, 2, 3, 4], "x": [0.5, 1.5, np.nan, 2.5]})
    frame["day"] = pd.date_range("2013-01-01", periods=4)
    frame["late"] = frame["x"] > 1
    frame.groupby("key")["x"].mean()
    frame.groupby(["key", "day"])["x"].agg(["mean", "median", "count"])
    frame.merge(frame, on="key").sort_values("n_x").dropna().describe()
    frame[["n", "x"]].to_numpy()
    frame.to_html(max_rows=4)
    repr(frame)


def _model() -> None:
    import numpy as np
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss, roc_auc_score
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0)[::-1] % 7})
    target = np.arange(20) % 3 > 0
    train, test, known, truth = train_test_split(table, target, random_state=0, stratify=target)
    found = make_pipeline(StandardScaler(), LogisticRegression()).fit(train, known).predict_proba(test)[:, 1]
    log_loss(truth, found)
    roc_auc_score(truth, found)


def _figure() -> None:
    """Draw past pyplot and its state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], label="line")
    axes.set(title="title", xlabel="x", ylabel="y")
    axes.legend()
    FigureCanvasAgg(figure).print_png(BytesIO())


_WORK: dict[str, Callable[[], object]] = {
    "pandas": _frames,
    "sklearn.linear_model": _model,
    "matplotlib.backends.backend_agg": _figure,
}
