"""How good a probability of leaving is: ranking, calibration, and how many of the leavers the top of the list holds."""

from typing import NamedTuple

import numpy as np

from playbook.churn.profit import Costs, expected_maximum_profit

TOP = 0.1
#: Probabilities are kept this far from 0 and 1 where their logarithm is needed.
EDGE = 1e-6


class Tally(NamedTuple):
    """Customers by score, ascending, equal scores together: how many of them left and how many stayed."""

    score: np.ndarray
    left: np.ndarray
    stayed: np.ndarray

    @property
    def total(self) -> float:
        """All customers."""
        return float(self.left.sum() + self.stayed.sum())


def tally(left, probability, weights=None) -> Tally:
    """Customers grouped by their probability; `left` is 1 for who left, `weights` counts a customer several times."""
    score, group = np.unique(np.asarray(probability, float), return_inverse=True)
    return _grouped(score, group, np.asarray(left, float), weights)


def measures(found: Tally, costs: Costs | None = None) -> dict[str, float]:
    """All measures of one probability: auc, pr_auc, brier, slope, intercept, lift, lift_most, empc, empc_share.

    NaN where only one class is there; empc is NaN without costs.
    """
    if not (found.left.sum() > 0 and found.stayed.sum() > 0):
        return dict.fromkeys(MEASURES, np.nan)
    slope, intercept = calibration_line(found)
    best = expected_maximum_profit(found.score, found.left, found.stayed, costs) if costs else (np.nan, np.nan)
    values = (auc(found), pr_auc(found), brier(found), slope, intercept, *top_lift(found), *best)
    return dict(zip(MEASURES, values, strict=True))


MEASURES = ("auc", "pr_auc", "brier", "slope", "intercept", "lift", "lift_most", "empc", "empc_share")


def auc(found: Tally) -> float:
    """The chance that somebody who left had a higher probability than somebody who stayed, ties halved."""
    below = np.cumsum(found.stayed) - found.stayed / 2
    return float((found.left * below).sum() / (found.left.sum() * found.stayed.sum()))


def pr_auc(found: Tally) -> float:
    """Average precision: the mean over the leavers of the precision at their score."""
    left, everybody = np.cumsum(found.left[::-1]), np.cumsum((found.left + found.stayed)[::-1])
    precision = np.divide(left, everybody, out=np.zeros_like(left), where=everybody > 0)
    return float((found.left[::-1] * precision).sum() / found.left.sum())


def brier(found: Tally) -> float:
    """The mean squared distance of the probability from what happened."""
    p = found.score
    return float((found.left * (1 - p) ** 2 + found.stayed * p**2).sum() / found.total)


def top_lift(found: Tally, top: float = TOP) -> tuple[float, float]:
    """How many times more leavers the riskiest tenth holds than any tenth, and the most that could be.

    Equal scores at the edge of the tenth are shared out evenly.
    """
    everybody, size = (found.left + found.stayed)[::-1], top * found.total
    before = np.cumsum(everybody) - everybody
    part = np.clip((size - before) / np.maximum(everybody, 1e-300), 0, 1)
    rate = found.left.sum() / found.total
    return float((found.left[::-1] * part).sum() / size / rate), float(min(1 / top, 1 / rate))


def calibration_line(found: Tally) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of what happened on the logit of the probability: 1 and 0 at best.

    A slope below 1 says that the probabilities are too extreme; the intercept, at slope 1, that all are too low.
    """
    x, n = logit(found.score), found.left + found.stayed
    return _climb(x, found.left, n)[1], _climb(x, found.left, n, slope=1.0)[0]


def calibration_curve(found: Tally, groups: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean probability, share who left and customers in groups of about equal size, by ascending probability."""
    n = found.left + found.stayed
    middle = (np.cumsum(n) - n / 2) / found.total
    group = np.minimum((middle * groups).astype(int), groups - 1)
    size = np.bincount(group, n, groups)
    some = size > 0
    sums = (np.bincount(group, values, groups)[some] / size[some] for values in (n * found.score, found.left))
    return (*sums, size[some])


def logit(p) -> np.ndarray:
    """Log odds."""
    p = np.clip(np.asarray(p, float), EDGE, 1 - EDGE)
    return np.log(p) - np.log1p(-p)


def _grouped(score, group, left, weights) -> Tally:
    weights = np.ones(len(left)) if weights is None else weights
    n = len(score)
    return Tally(score, np.bincount(group, weights * left, n), np.bincount(group, weights * (1 - left), n))


def _climb(x, left, n, slope: float | None = None, steps: int = 50) -> tuple[float, float]:
    """Newton's method for an intercept and, unless given, a slope."""
    a, b = 0.0, 1.0 if slope is None else slope
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(a + b * x, -35, 35)))
        gap, bend = left - n * p, n * p * (1 - p)
        if slope is None:
            matrix = np.array([[bend.sum(), bend @ x], [bend @ x, bend @ x**2]]) + 1e-9 * np.eye(2)
            step = np.linalg.solve(matrix, [gap.sum(), gap @ x])
        else:
            step = np.array([gap.sum() / (bend.sum() + 1e-9), 0.0])
        step = np.clip(step, -3, 3)
        a, b = a + step[0], b + step[1]
        if np.abs(step).max() < 1e-10:
            break
    return float(a), float(b)
