"""Qini: does a score put those first whom the treatment moves, not those who would have acted anyway?

Radcliffe (2007), Using Control Groups to Target on Predicted Lift. Both axes are shares, so that curves of trials of
any size compare: at the right end stands the average effect.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from playbook.stats.bootstrap import DRAWS, bootstrap_weights, percentile_interval

LEVEL, SEED = 0.95, 2007


class Outcomes(NamedTuple):
    """Each row of a trial: treated or control, the outcome, its weight, the customer behind it."""

    treated: np.ndarray  # bool
    outcome: np.ndarray
    weight: np.ndarray
    customer: np.ndarray  # codes 0..n-1; a customer may be in several campaigns


class QiniCurve(NamedTuple):
    """Outcome gained per customer of the whole audience when the best-scored share is treated."""

    share: np.ndarray
    gain: np.ndarray

    @property
    def auuc(self) -> float:
        """The area under the (uplift) curve."""
        return float(np.sum(np.diff(self.share) * (self.gain[1:] + self.gain[:-1])) / 2)

    @property
    def qini(self) -> float:
        """The area between the curve and the straight line of a random order."""
        return self.auuc - float(self.gain[-1]) / 2


class QiniScore(NamedTuple):
    """How well a score ranks: the Qini area and the area under the curve, with bootstrap intervals; average effect."""

    qini: float
    qini_low: float
    qini_high: float
    auuc: float
    auuc_low: float
    auuc_high: float
    effect: float


def outcomes(treated, outcome, weight=None, customer=None) -> Outcomes:
    """Rows of a trial; `weight` 1 and a customer of its own for each row by default.

    Raises `ValueError` where only one arm has rows.
    """
    treated, outcome = np.asarray(treated, bool), np.asarray(outcome, float)
    weight = np.ones(len(treated)) if weight is None else np.asarray(weight, float)
    customer = np.arange(len(treated)) if customer is None else np.unique(customer, return_inverse=True)[1]
    if not 0 < treated.sum() < len(treated):
        raise ValueError(f"a Qini curve needs treated and control rows; {treated.sum()} of {len(treated)} are treated.")
    return Outcomes(treated, outcome, weight, customer)


def qini_curve(score, rows: Outcomes) -> QiniCurve:
    """The curve of one score, highest first. Rows of equal score come together: their stretch is a straight line.

    >>> curve = qini_curve([2, 2, 1, 1], outcomes([True, False, True, False], [1, 0, 0, 1]))
    >>> curve.share.tolist(), curve.gain.tolist(), curve.qini
    ([0.0, 0.5, 1.0], [0.0, 0.5, 0.0], 0.25)
    """
    return _curve(*_ranked(score, rows))


def qini_score(score, rows: Outcomes, *, level: float = LEVEL, draws: int = DRAWS, seed: int = SEED) -> QiniScore:
    """The areas of one score with percentile intervals: customers are drawn again, the scores stay as they are.

    The same seed draws the same customers for every score, so that scores compare.
    """
    curve = qini_curve(score, rows)
    areas = [(drawn.qini, drawn.auuc) for drawn in _bootstrapped(score, rows, draws, seed)]
    low, high = (ends.tolist() for ends in percentile_interval(areas, level=level))
    return QiniScore(curve.qini, low[0], high[0], curve.auuc, low[1], high[1], float(curve.gain[-1]))


def qini_band(score, rows: Outcomes, share, *, level: float = LEVEL, draws: int = DRAWS, seed: int = SEED) -> tuple:
    """(low, high): the interval of the curve at each of these shares, for a figure."""
    gains = [np.interp(share, *drawn) for drawn in _bootstrapped(score, rows, draws, seed)]
    return percentile_interval(gains, level=level)


def _bootstrapped(score, rows, draws, seed) -> Iterator[QiniCurve]:
    ranked, ends = _ranked(score, rows)
    for times in bootstrap_weights(ranked.customer, draws=draws, seed=seed):
        yield _curve(ranked._replace(weight=ranked.weight * times), ends)


def _ranked(score, rows):
    """Rows from the highest score down, and the last row of each run of equal scores."""
    score = np.asarray(score, float)
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    return Outcomes(*(column[order] for column in rows)), ends


def _curve(ranked, ends):
    w_treated, w_control = ranked.weight * ranked.treated, ranked.weight * ~ranked.treated
    n_treated, n_control, y_treated, y_control = (
        np.cumsum(column)[ends]
        for column in (w_treated, w_control, w_treated * ranked.outcome, w_control * ranked.outcome)
    )
    share_treated, share_control = n_treated / n_treated[-1], n_control / n_control[-1]
    scale = np.divide(share_treated, share_control, out=np.zeros(len(ends)), where=share_control > 0)
    gain = y_treated / n_treated[-1] - scale * y_control / n_control[-1]
    reached = n_treated + n_control
    return QiniCurve(np.append(0.0, reached / reached[-1]), np.append(0.0, gain))
