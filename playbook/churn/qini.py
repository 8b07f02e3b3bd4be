"""Qini: does a score put those first who come back because of a recall, not those who come back anyway?

Radcliffe (2007), Using Control Groups to Target on Predicted Lift. Both axes are shares, so that curves of trials of
any size compare: at the right end stands the average effect.
"""

from typing import NamedTuple

import numpy as np

LEVEL, BOOTSTRAPS, SEED = 0.95, 500, 2007


class Outcomes(NamedTuple):
    """What was seen of each row of a trial: treated or control, the outcome, its weight, the customer behind it."""

    treated: np.ndarray  # bool
    outcome: np.ndarray
    weight: np.ndarray
    customer: np.ndarray  # codes 0..n-1; a customer may be in several campaigns


class Curve(NamedTuple):
    """The Qini curve: outcome gained per customer of the whole audience when the best-scored share is treated."""

    share: np.ndarray
    gain: np.ndarray

    @property
    def auuc(self) -> float:
        """The area under the curve."""
        return float(np.sum(np.diff(self.share) * (self.gain[1:] + self.gain[:-1])) / 2)

    @property
    def qini(self) -> float:
        """The area between the curve and the straight line of a draw by lot."""
        return self.auuc - float(self.gain[-1]) / 2


class Ranking(NamedTuple):
    """How well a score ranks: the Qini area and the area under the curve, each with its bootstrap interval."""

    qini: float
    qini_low: float
    qini_high: float
    auuc: float
    auuc_low: float
    auuc_high: float
    effect: float

    @property
    def better_than_chance(self) -> bool:
        """Whether the interval of the Qini area lies above 0."""
        return self.qini_low > 0


def outcomes(treated, outcome, weight=None, customer=None) -> Outcomes:
    """One campaign's rows; `weight` 1 and a customer of its own for each row unless they are given."""
    treated, outcome = np.asarray(treated, bool), np.asarray(outcome, float)
    weight = np.ones(len(treated)) if weight is None else np.asarray(weight, float)
    customer = np.arange(len(treated)) if customer is None else np.unique(customer, return_inverse=True)[1]
    if not 0 < treated.sum() < len(treated):
        raise ValueError(f"a Qini curve needs treated and control rows; {treated.sum()} of {len(treated)} are treated.")
    return Outcomes(treated, outcome, weight, customer)


def curve(score, seen: Outcomes) -> Curve:
    """The curve of one score, highest first. Rows of equal score come together: their stretch is a straight line."""
    order, ends = _order(score)
    return _curve(*(column[order] for column in seen[:3]), ends)


def ranking(score, seen: Outcomes, *, level: float = LEVEL, draws: int = BOOTSTRAPS, seed: int = SEED) -> Ranking:
    """The areas of one score with percentile intervals: customers are drawn again, the scores stay as they are.

    The same seed draws the same customers for every score, so that rankings compare.
    """
    made, drawn = curve(score, seen), areas(score, seen, draws=draws, seed=seed)
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    (qini, auuc), effect = zip(low.tolist(), high.tolist(), strict=True), float(made.gain[-1])
    return Ranking(made.qini, *qini, made.auuc, *auuc, effect)


def band(score, seen: Outcomes, share, *, level: float = LEVEL, draws: int = BOOTSTRAPS, seed: int = SEED):
    """(low, high): the interval of the curve at each of these shares, for a figure."""
    gains = [np.interp(share, *drawn) for drawn in _drawn(score, seen, draws, seed)]
    return tuple(np.quantile(gains, [0.5 - level / 2, 0.5 + level / 2], axis=0))


def areas(score, seen: Outcomes, *, draws: int = BOOTSTRAPS, seed: int = SEED) -> np.ndarray:
    """(draws, 2): the Qini area and the area under the curve of customers drawn with replacement."""
    return np.array([(drawn.qini, drawn.auuc) for drawn in _drawn(score, seen, draws, seed)])


def _drawn(score, seen, draws, seed):
    rng, count = np.random.default_rng(seed), seen.customer.max() + 1
    order, ends = _order(score)
    treated, outcome, weight, customer = (column[order] for column in seen)
    for _ in range(draws):
        times = np.bincount(rng.integers(0, count, count), minlength=count)[customer]
        yield _curve(treated, outcome, weight * times, ends)


def _order(score):
    """Rows from the highest score down, and the last row of each run of equal scores."""
    score = np.asarray(score, float)
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    return order, ends


def _curve(treated, outcome, weight, ends):
    there, apart = weight * treated, weight * ~treated
    n_treated, n_control, y_treated, y_control = (
        np.cumsum(column)[ends] for column in (there, apart, there * outcome, apart * outcome)
    )
    reached_treated, reached_control = n_treated / n_treated[-1], n_control / n_control[-1]
    as_many = np.divide(reached_treated, reached_control, out=np.zeros(len(ends)), where=reached_control > 0)
    gain = y_treated / n_treated[-1] - as_many * y_control / n_control[-1]
    reached = n_treated + n_control
    return Curve(np.append(0.0, reached / reached[-1]), np.append(0.0, gain))
