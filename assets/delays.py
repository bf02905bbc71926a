"""Delays: the probabilities that a model predicts for flights, and how good they are.

Flights of one day share their weather and their queues, so a month is 30 days rather than 28,000 independent
flights: every interval here comes from resampling whole days (Davison and Hinkley 1997, section 3.8), and two
predictions are compared on the same resampled days.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from assets.flights import NEW_YORK

Measure = Literal["log_loss", "brier", "auc"]
Floats = npt.NDArray[np.float64]


class DelayScores(pa.DataFrameModel):
    """One row for each held-out flight that arrived: was it late, and what the model and two baselines said."""

    departure: Series[Annotated[pd.DatetimeTZDtype, "us", "UTC"]] = pa.Field(
        description="Scheduled departure, UTC"
    )
    carrier: Series[str] = pa.Field(description="Airline")
    flight: Series[int] = pa.Field(description="Flight number")
    origin: Series[str] = pa.Field(description="Airport of departure")
    dest: Series[str] = pa.Field(description="Airport of destination")
    late: Series[bool] = pa.Field(description="Arrived more than 15 minutes late")
    model: Series[float] = pa.Field(ge=0, le=1, description="Probability of that by the model")
    logistic: Series[float] = pa.Field(ge=0, le=1, description="Probability by logistic regression")
    base_rate: Series[float] = pa.Field(ge=0, le=1, description="Share of late flights in training")

    class Config:
        """A flight leaves once; columns as listed; types are coerced."""

        coerce = True
        strict = True
        unique = ("departure", "carrier", "flight", "origin")


class Interval(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as a table shows it."""
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def score(
    scores: pd.DataFrame, column: str, *, measure: Measure, resamples: int = 1000, seed: int = 0
) -> Interval:
    """Return how good one column of probabilities is.

    Args:
        scores: `departure`, `late` and the column.
        column: the probabilities to judge.
        measure: ``"log_loss"`` and ``"brier"``: mean loss, less is better; ``"auc"``: more is better.
        resamples: how often the days are drawn again for the interval.
        seed: of the draws.
    """
    return _interval(_measured(scores, column, measure, _draws(scores, resamples, seed)))


def gain(
    scores: pd.DataFrame, column: str, *, over: str, measure: Measure, resamples: int = 1000, seed: int = 0
) -> Interval:
    """Return by how much one column of probabilities is better than another on the same flights.

    Positive is better, whatever the measure; the rest is as for `score`.
    """
    draws = _draws(scores, resamples, seed)
    difference = _measured(scores, column, measure, draws) - _measured(scores, over, measure, draws)
    return _interval(difference if measure == "auc" else -difference)


def _days(scores: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Number the days in New York from 0."""
    local = scores["departure"].dt.tz_convert(NEW_YORK).dt.tz_localize(None)
    days, _ = pd.factorize(local.dt.normalize())
    return np.asarray(days, np.intp)


def _draws(scores: pd.DataFrame, resamples: int, seed: int) -> Floats:
    """Return how often each resample holds each day; the first row is the data as they are."""
    days = int(_days(scores).max()) + 1
    drawn = np.random.default_rng(seed).multinomial(days, np.full(days, 1 / days), size=resamples)
    return np.vstack([np.ones(days), drawn])


def _measured(scores: pd.DataFrame, column: str, measure: Measure, draws: Floats) -> Floats:
    """Return the measure for each resample."""
    day, late = _days(scores), scores["late"].to_numpy(bool)
    probability = scores[column].to_numpy(float)
    if measure == "auc":
        return _auc(day, late, probability, draws)
    loss = (probability - late) ** 2
    if measure == "log_loss":
        loss = -np.log(np.clip(np.where(late, probability, 1 - probability), 1e-12, 1))
    return (draws @ np.bincount(day, loss)) / (draws @ np.bincount(day))


def _auc(
    day: npt.NDArray[np.intp], late: npt.NDArray[np.bool_], probability: Floats, draws: Floats
) -> Floats:
    """Return the area under the ROC curve for each resample.

    It is the share of pairs of a late and a punctual flight in which the late one has the higher probability (Mann
    and Whitney 1947), so counting the pairs once for each two days does for all resamples.
    """
    late_day, late_probability = day[late], probability[late]
    wins = np.zeros((draws.shape[1], draws.shape[1]))
    for other in range(draws.shape[1]):
        punctual = np.sort(probability[~late & (day == other)])
        below = np.searchsorted(punctual, late_probability, side="left")
        not_above = np.searchsorted(punctual, late_probability, side="right")
        wins[:, other] = np.bincount(late_day, (below + not_above) / 2, minlength=draws.shape[1])
    pairs = (draws @ np.bincount(late_day, minlength=draws.shape[1])) * (
        draws @ np.bincount(day[~late], minlength=draws.shape[1])
    )
    won: Floats = np.einsum("ri,ij,rj->r", draws, wins, draws, optimize=True)
    return won / pairs


def _interval(values: Floats) -> Interval:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return Interval(float(values[0]), float(low), float(high))
