"""MBG/CNBD-k: for regular buyers, whose gaps vary less than chance has it; everybody may stop after any purchase.

Reutterer, Platzer, Schroeder (2021), Leveraging Purchase Regularity for Predicting Customer Behavior the Easy Way,
International Journal of Research in Marketing 38(1), 194-215. Gaps are Erlang-k: a purchase is every k-th tick of a
Poisson clock. k = 1 is the MBG/NBD of Batislam, Denizel, Filiztekin (2007). The paper approximates the conditional
expectation for k > 1; here it is exact, as a sum over the purchases to come and over the ticks since the last one.
"""

from functools import partial
from typing import Any, Self

import numpy as np
from scipy.special import betainc, betaln, digamma, gammaln, logsumexp, softmax

from playbook.ltv.models.base import BuyTillYouDie
from playbook.ltv.models.estimation import (
    FitError,
    InputError,
    by_unique,
    histories,
    horizons,
    maximise,
    numbers,
)

MOST_REGULAR = 12
MOST_PURCHASES = 3000
#: A term smaller than this part of the sum ends it.
ENOUGH = 1e-9


class MBGCNBD(BuyTillYouDie):
    """MBG/CNBD-k with tick rates gamma(r, alpha), drop-out probabilities beta(a, b) and the regularity k.

    `k`: a whole number from 1, or None: `fit` takes the likeliest, then in `k_`.

    >>> regular = MBGCNBD(k=3).with_parameters(r=0.8, alpha=1.5, a=0.9, b=3.0)
    >>> regular.p_alive([6, 6], [20, 20], [22, 32]).round(2)  # a silence of 2 and of 12, where gaps are about 3
    array([0.88, 0.07])
    """

    key = "mbg_cnbd_k"
    names = ("r", "alpha", "a", "b")
    timed = ("alpha",)
    starts = ((1, 1, 1, 1), (0.5, 0.2, 0.5, 1.5), (2, 0.2, 0.3, 3))

    def __init__(self, k: int | None = None):
        self.k = k

    def fit(self, frequency: Any, recency: Any, T: Any, weights: Any = None, log_gaps: Any = None) -> Self:
        """As `BuyTillYouDie.fit`; `log_gaps`: each customer's sum of the logarithms of the gaps between purchases, in
        the unit of T (`playbook.ltv.summary(..., gaps=True)` has them). Only for k = 1 they can be left out.
        """
        if self.k not in (None, *range(1, MOST_REGULAR + 1)):
            raise InputError(f"k is a whole number from 1 to {MOST_REGULAR}, or None: the likeliest; it is {self.k!r}.")
        rows, unit = self._rows(frequency, recency, T, weights)
        events = float(rows.weights @ rows.columns[0])
        if log_gaps is not None:
            log_gaps, _ = numbers(log_gaps=log_gaps, frequency=frequency)
            log_gaps = log_gaps @ (np.ones(len(log_gaps)) if weights is None else weights) - events * np.log(unit)
        elif self.k != 1:
            raise InputError("regularity is seen in the gaps: fit needs log_gaps, or MBGCNBD(k=1), which needs none.")
        self.k_, estimate = self._likeliest(rows, events, log_gaps or 0.0)
        return self._store(estimate, unit, events)

    def with_parameters(self, **parameters: float) -> Self:
        """As `Model.with_parameters`; the regularity stays."""
        model = super().with_parameters(**parameters)
        model.k_ = getattr(self, "k_", self.k or 1)
        return model

    def to_dict(self) -> dict[str, Any]:
        """The model as plain numbers, k among them."""
        return super().to_dict() | {"k": self.k_}

    def expected_purchases_new_customer(self, horizon) -> np.ndarray:
        """E[X(t)]: the sum of `_expected_if_alive` from the first purchase, after which some already stop."""
        r, alpha, a, b = self.values
        t = horizons(horizon)
        return _purchases(self.k_, r, t / (alpha + t), a, b, 0)

    def sample(self, rng, horizon, frequency, recency, T) -> np.ndarray:
        """Alive with P(alive), some ticks on the way to the next purchase; each purchase may be the last."""
        r, alpha, a, b = self.values
        x, t_x, T = histories(frequency, recency, T)
        edges = np.cumsum(self._phases(x, t_x, T), axis=0)
        phase = (rng.random(len(x)) > edges).sum(axis=0) - 1
        shape = r + self.k_ * x + np.maximum(phase, 0)
        ticks = rng.poisson(rng.gamma(shape) / (alpha + T) * horizon)
        last = rng.geometric(np.maximum(rng.beta(a, b + x + 1), 1e-12))
        return np.where(phase >= 0, np.minimum((phase + ticks) // self.k_, last), 0)

    def _p_alive(self, x, t_x, T):
        """The share of the histories that go on among those that explain the silence since t_x."""
        return by_unique(lambda *row: self._phases(*row)[1:].sum(axis=0), x, t_x, T)

    def _expected_if_alive(self, horizon, x, t_x, T):
        """E[Y(t)] given alive: the sum over m of P(ticks reach the m-th purchase) P(not stopped before it)."""
        r, alpha, a, b = self.values

        def expected(x, t_x, T):
            z = horizon / (alpha + T + horizon)
            shares = softmax(_log_terms(self.values, self.k_, x, t_x, T)[1:], axis=0)
            shape = r + self.k_ * x
            parts = (_purchases(self.k_, shape + j, z, a, b + x + 1, j, first=True) for j in range(self.k_))
            return sum(share * part for share, part in zip(shares, parts, strict=True))

        return by_unique(expected, x, t_x, T)

    def _phases(self, x, t_x, T):
        """Probability of: stopped; alive with 0, 1, ..., k-1 ticks since the last purchase. Shape (k+1, rows)."""
        return softmax(_log_terms(self.values, self.k_, x, t_x, T), axis=0)

    def _likeliest(self, rows, events, log_gaps):
        """The regularity and its estimate: the likelihood rises with k up to one, and falls after it."""
        best, problem = None, None
        for k in [self.k] if self.k else range(1, MOST_REGULAR + 1):
            try:
                estimate = maximise(partial(_likelihood, k=k), rows, self.starts, self.names)
            except FitError as error:
                problem = error
                continue
            value = estimate.log_likelihood + (k - 1) * log_gaps - events * gammaln(k)
            if best and value < best[1].log_likelihood:
                break
            best = k, estimate._replace(log_likelihood=value)
        if not best:
            raise problem
        return best


def _purchases(k, shape, z, a, b, phase, first=False):
    """Sum over m = 1, 2, ... of P(at least m k - phase ticks) times E[(1-p)^m], or ^(m-1) where the `first` is free.

    Ticks are negative binomial, so their tail is a regularised incomplete beta function. Rows leave when their terms
    have become too small to matter.
    """
    shape, z, b = np.broadcast_arrays(np.asarray(shape, float), z, b)
    total, open_rows = np.zeros(shape.shape), np.arange(len(shape))
    lived = np.ones(shape.shape) if first else b / (a + b)
    for m in range(1, MOST_PURCHASES):
        term = betainc(m * k - phase, shape[open_rows], z[open_rows]) * lived
        total[open_rows] += term
        is_open = term > ENOUGH * total[open_rows]
        open_rows, stayed = open_rows[is_open], b[open_rows[is_open]] + (m - 1 if first else m)
        if not len(open_rows):
            break
        lived = lived[is_open] * stayed / (a + stayed)
    return total


def _log_terms(values, k, x, t_x, T):
    """Logarithms of: stopped after the last purchase; alive with j ticks since. Shape (k+1, rows)."""
    r, alpha, a, b = values
    shape, silence = r + k * x, T - t_x
    stopped = np.log(a) - np.log(b + x) - shape * np.log(alpha + t_x)
    with np.errstate(divide="ignore", invalid="ignore"):
        waits = [np.where(silence > 0, j * np.log(silence), 0.0 if j == 0 else -np.inf) for j in range(k)]
    alive = [
        gammaln(shape + j) - gammaln(shape) - gammaln(j + 1) + waits[j] - (shape + j) * np.log(alpha + T)
        for j in range(k)
    ]
    return np.array([stopped, *alive])


def _likelihood(values, rows, k):
    """The likelihood of x, t_x and the last silence; what the single gaps add does not depend on the parameters."""
    r, alpha, a, b = values
    (x, t_x, T), w, shape = rows.columns, rows.weights, r + k * rows.columns[0]
    logs = _log_terms(values, k, x, t_x, T)
    shares = softmax(logs, axis=0)
    stopped, alive = shares[0], shares[1:]
    counts = gammaln(shape) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x + 1) - betaln(a, b)
    ticks, ends, start = np.arange(k)[:, None], digamma(a + b + x + 1), digamma(a + b)
    counted = digamma(shape) - digamma(r) + (alive * (digamma(shape + ticks) - digamma(shape))).sum(axis=0)
    waiting = (alive * (shape + ticks)).sum(axis=0)
    slopes = (
        counted + np.log(alpha) - stopped * np.log(alpha + t_x) - (1 - stopped) * np.log(alpha + T),
        r / alpha - stopped * shape / (alpha + t_x) - waiting / (alpha + T),
        start - ends + stopped / a,
        digamma(b + x + 1) - ends - digamma(b) + start - stopped / (b + x),
    )
    return w @ (counts + logsumexp(logs, axis=0)), np.array([w @ slope for slope in slopes])
