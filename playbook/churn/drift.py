"""Has anything changed since the last run: the spread of the scores, and whether old scores came true."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.accuracy import EDGE, calibration_line, tally

#: Population stability index: below the first limit scores lie as they did, above the second they are others.
WATCH, ACT = 0.10, 0.25
FLOOR = 1e-4
#: Customers whose scores are kept to be checked later.
KEPT = 10_000


class Checked(NamedTuple):
    """Scores of an earlier run against what then happened."""

    as_of: date
    customers: int
    said: float
    left: float
    slope: float
    intercept: float


class Drift(NamedTuple):
    """`psi` against the scores of the run of `before` (None: first run), its verdict: stable, watch or act.

    `checked` are the newest earlier scores whose horizon is over; None while there are none.
    """

    before: date | None
    psi: float
    verdict: str
    checked: Checked | None


def drift(probability: np.ndarray, model: dict | None, scores: list | None, outcome, *, as_of: date) -> Drift:
    """Compare with what the run before kept. `outcome(origin, horizon_days, customer_ids)` says who of them left."""
    checked = _checked(scores or [], outcome, as_of)
    if not model or not len(probability):
        return Drift(None, np.nan, "first", checked)
    value = psi(probability, model["spread"])
    verdict = "act" if value >= ACT else "watch" if value >= WATCH else "stable"
    return Drift(date.fromisoformat(model["as_of"]), value, verdict, checked)


def spread(probability: np.ndarray) -> dict[str, list[float]]:
    """Decile limits of the scores, and the share of the customers between them."""
    limits = np.unique(np.quantile(probability, np.linspace(0.1, 0.9, 9), method="inverted_cdf"))
    return {"limits": limits.tolist(), "shares": _shares(probability, limits).tolist()}


def psi(probability: np.ndarray, before: dict[str, list[float]]) -> float:
    """The population stability index of scores against an earlier `spread`."""
    expected = np.maximum(np.array(before["shares"]), FLOOR)
    actual = np.maximum(_shares(probability, np.array(before["limits"])), FLOOR)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def kept_scores(scored: pd.DataFrame, before: list | None, *, as_of: date, horizon_days: int, window_days: int) -> list:
    """What the next runs need: today's scores, and earlier ones whose outcome is not known yet.

    It will be known after `window_days`: the horizon, and the grace of contracts.
    """
    waiting = [one for one in before or [] if _due(one) > as_of]
    some = scored.iloc[:: max(-(-len(scored) // KEPT), 1)]
    said = dict(zip(some.customer_id.tolist(), some.churn_probability.round(6).tolist(), strict=True))
    due = as_of + timedelta(days=window_days)
    today = {"as_of": as_of.isoformat(), "due": due.isoformat(), "horizon_days": horizon_days, "scores": said}
    return [*waiting, today]


def _checked(scores, outcome, as_of) -> Checked | None:
    over = [one for one in scores if _due(one) <= as_of]
    if not over:
        return None
    one = max(over, key=lambda found: found["as_of"])
    origin, ids = date.fromisoformat(one["as_of"]), sorted(one["scores"])
    said, left = np.array([one["scores"][key] for key in ids]), outcome(origin, one["horizon_days"], ids)
    both = 0 < left.sum() < len(left)
    slope, intercept = calibration_line(tally(left, np.clip(said, EDGE, 1 - EDGE))) if both else (np.nan, np.nan)
    return Checked(origin, len(ids), float(said.mean()), float(left.mean()), slope, intercept)


def _due(one: dict) -> date:
    return date.fromisoformat(one["due"])


def _shares(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(limits, values), minlength=len(limits) + 1) / len(values)
