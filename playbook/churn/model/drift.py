"""Drift since the last run: whether the scores lie elsewhere, and whether old scores came true."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.model.metrics import EDGE, calibration_line, score_counts
from playbook.stats.psi import psi, verdict

#: Customers whose scores are kept to be checked later.
KEPT = 10_000


class Checked(NamedTuple):
    """Scores of an earlier run against what then happened: the mean probability, and the share who left."""

    as_of: date
    customers: int
    expected: float
    left: float
    slope: float


class Drift(NamedTuple):
    """`psi` against the scores of the run of `before` (None: first run), its verdict: first, stable, watch or act.

    `checked` are the newest earlier scores whose horizon is over; None while there are none.
    """

    before: date | None
    psi: float
    verdict: str
    checked: Checked | None


def drift(probability: np.ndarray, model: dict | None, scores: list | None, outcome: Callable, *, as_of: date) -> Drift:
    """Compare with what the run before kept. `outcome(origin, horizon_days, customer_ids)` says who of them left."""
    checked = _checked(scores or [], outcome, as_of)
    if not model or not len(probability):
        return Drift(None, np.nan, "first", checked)
    index = psi(probability, model["spread"])
    return Drift(date.fromisoformat(model["as_of"]), index, verdict(index), checked)


def kept_scores(scored: pd.DataFrame, before: list | None, *, as_of: date, horizon_days: int, window_days: int) -> list:
    """What the next runs need: today's scores, and earlier ones whose outcome is not known yet.

    It will be known after `window_days`: the horizon, and the grace of contracts.
    """
    waiting = [one for one in before or [] if date.fromisoformat(one["due"]) > as_of]
    some = scored.iloc[:: max(-(-len(scored) // KEPT), 1)]
    scores = dict(zip(some.customer_id.tolist(), some.churn_probability.round(6).tolist(), strict=True))
    due = as_of + timedelta(days=window_days)
    today = {"as_of": as_of.isoformat(), "due": due.isoformat(), "horizon_days": horizon_days, "scores": scores}
    return [*waiting, today]


def _checked(scores: list, outcome: Callable, as_of: date) -> Checked | None:
    over = [one for one in scores if date.fromisoformat(one["due"]) <= as_of]
    if not over:
        return None
    newest = max(over, key=lambda one: one["as_of"])
    origin, ids = date.fromisoformat(newest["as_of"]), sorted(newest["scores"])
    probability = np.array([newest["scores"][key] for key in ids])
    left = outcome(origin, newest["horizon_days"], ids)
    both = 0 < left.sum() < len(left)
    slope = calibration_line(score_counts(left, np.clip(probability, EDGE, 1 - EDGE)))[0] if both else np.nan
    return Checked(origin, len(ids), float(probability.mean()), float(left.mean()), slope)
