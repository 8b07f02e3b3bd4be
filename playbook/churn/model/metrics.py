"""Metrics of a probability of leaving: ranking, calibration, and how many of the leavers the top of the list holds.

All work on counts by score, so that a resample of the customers costs no new sorting.
"""

from typing import NamedTuple

import numpy as np

from playbook.churn.model.profit import Costs, expected_maximum_profit

TOP = 0.1
#: Probabilities are kept this far from 0 and 1 where their logarithm is needed.
EDGE = 1e-6
METRICS = ("auc", "pr_auc", "brier", "slope", "intercept", "lift", "lift_most", "empc", "empc_share")


class ScoreCounts(NamedTuple):
    """Customers by score, ascending, equal scores together: how many of them left and how many stayed."""

    score: np.ndarray
    left: np.ndarray
    stayed: np.ndarray

    @property
    def customers(self) -> np.ndarray:
        """All customers at each score."""
        return self.left + self.stayed


def score_counts(left, probability) -> ScoreCounts:
    """Customers counted by their probability; `left` is 1 for who left, 0 for who stayed.

    >>> score_counts([1, 0, 1], [0.7, 0.2, 0.7]).left.tolist()
    [0.0, 2.0]
    """
    left = np.asarray(left, float)
    score, group = np.unique(np.asarray(probability, float), return_inverse=True)
    return ScoreCounts(score, np.bincount(group, left, len(score)), np.bincount(group, 1 - left, len(score)))


def metrics(counts: ScoreCounts, costs: Costs | None = None) -> dict[str, float]:
    """All of `METRICS` for one probability. NaN where only one class is there; empc is NaN without costs."""
    if not (counts.left.sum() > 0 and counts.stayed.sum() > 0):
        return dict.fromkeys(METRICS, np.nan)
    profit = expected_maximum_profit(*counts, costs) if costs else (np.nan, np.nan)
    values = (auc(counts), pr_auc(counts), brier(counts), *calibration_line(counts), *top_lift(counts), *profit)
    return dict(zip(METRICS, values, strict=True))


def auc(counts: ScoreCounts) -> float:
    """The chance that somebody who left had a higher probability than somebody who stayed, ties halved.

    >>> auc(score_counts([1, 0, 0, 1], [0.9, 0.2, 0.5, 0.5]))
    0.875
    """
    below = np.cumsum(counts.stayed) - counts.stayed / 2
    return float((counts.left * below).sum() / (counts.left.sum() * counts.stayed.sum()))


def pr_auc(counts: ScoreCounts) -> float:
    """Average precision: the mean over the leavers of the precision at their score."""
    left, everybody = np.cumsum(counts.left[::-1]), np.cumsum(counts.customers[::-1])
    precision = np.divide(left, everybody, out=np.zeros_like(left), where=everybody > 0)
    return float((counts.left[::-1] * precision).sum() / counts.left.sum())


def brier(counts: ScoreCounts) -> float:
    """The mean squared distance of the probability from what happened."""
    p = counts.score
    return float((counts.left * (1 - p) ** 2 + counts.stayed * p**2).sum() / counts.customers.sum())


def top_lift(counts: ScoreCounts, top: float = TOP) -> tuple[float, float]:
    """How many times more leavers the riskiest tenth holds than any tenth, and the most that could be.

    Equal scores at the edge of the tenth are shared out evenly.
    """
    everybody = counts.customers[::-1]
    size, rate = top * everybody.sum(), counts.left.sum() / everybody.sum()
    before = np.cumsum(everybody) - everybody
    part = np.clip((size - before) / np.maximum(everybody, 1e-300), 0, 1)
    return float((counts.left[::-1] * part).sum() / size / rate), float(min(1 / top, 1 / rate))


def calibration_line(counts: ScoreCounts) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of what happened on the logit of the probability: 1 and 0 at best.

    A slope below 1 says that the probabilities are too extreme; the intercept, at slope 1, that all are too low.
    """
    return _newton(counts)[1], _newton(counts, slope=1.0)[0]


def calibration_curve(counts: ScoreCounts, groups: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean probability, share who left and customers in groups of about equal size, by ascending probability."""
    n = counts.customers
    middle = (np.cumsum(n) - n / 2) / n.sum()
    group = np.minimum((middle * groups).astype(int), groups - 1)
    size = np.bincount(group, n, groups)
    some = size > 0
    sums = (np.bincount(group, values, groups)[some] / size[some] for values in (n * counts.score, counts.left))
    return (*sums, size[some])


def logit(p) -> np.ndarray:
    """Log odds, of probabilities kept away from 0 and 1."""
    p = np.clip(np.asarray(p, float), EDGE, 1 - EDGE)
    return np.log(p) - np.log1p(-p)


def sigmoid(odds) -> np.ndarray:
    """The probability of log odds."""
    return 1 / (1 + np.exp(-np.clip(odds, -35, 35)))


def _newton(counts: ScoreCounts, slope: float | None = None, steps: int = 50) -> tuple[float, float]:
    """Newton's method for an intercept and, unless it is fixed, a slope."""
    x, n = logit(counts.score), counts.customers
    a, b = 0.0, 1.0 if slope is None else slope
    for _ in range(steps):
        p = sigmoid(a + b * x)
        gap, weight = counts.left - n * p, n * p * (1 - p)
        if slope is None:
            matrix = np.array([[weight.sum(), weight @ x], [weight @ x, weight @ x**2]]) + 1e-9 * np.eye(2)
            step = np.linalg.solve(matrix, [gap.sum(), gap @ x])
        else:
            step = np.array([gap.sum() / (weight.sum() + 1e-9), 0.0])
        step = np.clip(step, -3, 3)
        a, b = a + step[0], b + step[1]
        if np.abs(step).max() < 1e-10:
            break
    return float(a), float(b)
