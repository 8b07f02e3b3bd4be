"""MBG/CNBD-k: for regular buyers, whose gaps vary less than chance has it; everybody may stop after any purchase.

Reutterer, Platzer, Schroeder (2021), Leveraging Purchase Regularity for Predicting Customer Behavior the Easy Way,
International Journal of Research in Marketing 38(1), 194-215. Gaps are Erlang-k: a purchase is every k-th tick of a
Poisson clock. k = 1 is the MBG/NBD of Batislam, Denizel, Filiztekin (2007). The paper approximates the conditional
expectation for k > 1; here it is exact, as a sum over the purchases to come and over the ticks since the last one.
"""

from typing import Self

import numpy as np
from scipy.special import betainc, betaln, digamma, gammaln, logsumexp, softmax

from playbook.ltv.histories import BuyTillYouDie, check_enough, scaled
from playbook.ltv.likelihood import FitError, maximise
from playbook.ltv.rows import by_unique, histories, unique_rows

MOST_REGULAR = 12
MOST_PURCHASES = 3000
#: A term smaller than this part of the sum ends it.
ENOUGH = 1e-9


class MBGCNBD(BuyTillYouDie):
    """Parameters: tick rates gamma(r, alpha), drop-out probabilities beta(a, b), and the regularity k, a whole number.

    `fit` takes the sum of the logarithms of all gaps as well, and then chooses k by likelihood; without it, k stays.
    """

    key = "mbg_cnbd_k"
    names = ("r", "alpha", "a", "b")
    timed = ("alpha",)
    starts = ((1, 1, 1, 1), (0.5, 0.2, 0.5, 1.5), (2, 0.2, 0.3, 3))

    def __init__(self, k: int = 1, **parameters: float):
        super().__init__(**parameters)
        self.k = int(k)

    def fit(self, x, t_x, T, weights=None, log_gaps: float | None = None) -> Self:
        """Find the parameters, and with `log_gaps` (the sum over all gaps, in the unit of T) the regularity."""
        rows, unit = scaled(unique_rows(*histories(x, t_x, T), weights))
        check_enough(rows)
        events = float(rows.weights @ rows.x)
        gaps = None if log_gaps is None else log_gaps - events * np.log(unit)
        self.k, estimate = self._most_likely(rows, events, gaps)
        return self._take(estimate, unit, events)

    def to_dict(self):
        return super().to_dict() | {"k": self.k}

    @classmethod
    def from_dict(cls, data):
        model = super().from_dict(data)
        model.k = data["k"]
        return model

    def p_alive(self, x, t_x, T) -> np.ndarray:
        """The share of the histories that go on among those that explain the silence since t_x."""
        return by_unique(lambda *row: self._phases(*row)[1:].sum(axis=0), *histories(x, t_x, T))

    def expected_if_alive(self, horizon, x, t_x, T) -> np.ndarray:
        """E[Y(t)] given alive: the sum over m of P(ticks reach the m-th purchase) P(not stopped before it)."""
        return by_unique(lambda *row: self._expected(horizon, *row), *histories(x, t_x, T))

    def expected_of_new(self, horizon) -> np.ndarray:
        """E[X(t)]: the same sum from the first purchase, after which some already stop."""
        r, alpha, a, b = self.values
        t = np.atleast_1d(np.asarray(horizon, float))
        return _purchases(self.k, r, t / (alpha + t), a, b, 0)

    def draw(self, rng, horizon, x, t_x, T) -> np.ndarray:
        """Alive with P(alive), some ticks on the way to the next purchase; each purchase may be the last."""
        r, alpha, a, b = self.values
        edges = np.cumsum(self._phases(*histories(x, t_x, T)), axis=0)
        phase = (rng.random(len(x)) > edges).sum(axis=0) - 1
        ticks = rng.poisson(rng.gamma(r + self.k * x + np.maximum(phase, 0)) / (alpha + T) * horizon)
        last = rng.geometric(np.maximum(rng.beta(a, b + x + 1), 1e-12))
        return np.where(phase >= 0, np.minimum((phase + ticks) // self.k, last), 0)

    def _with(self, values):
        return type(self)(k=self.k, **dict(zip(self.names, values.tolist(), strict=True)))

    def _most_likely(self, rows, events, log_gaps):
        if log_gaps is None:
            return self.k, self._estimate(rows, self.k)
        best, problem = None, None
        for k in range(1, MOST_REGULAR + 1):
            try:
                found = self._estimate(rows, k)
            except FitError as error:
                problem = error
                continue
            value = found.log_likelihood + (k - 1) * log_gaps - events * gammaln(k)
            found = found._replace(log_likelihood=value)
            if best and value < best[1].log_likelihood:
                break
            best = (k, found)
        if not best:
            raise problem
        return best

    def _estimate(self, rows, k):
        return maximise(lambda values, rows: _likelihood(values, rows, k), rows, self.starts, self.names)

    def _phases(self, x, t_x, T):
        """Probability of: stopped; alive with 0, 1, ..., k-1 ticks since the last purchase. Shape (k+1, rows)."""
        return softmax(_log_terms(self.values, x, t_x, T, self.k), axis=0)

    def _expected(self, horizon, x, t_x, T):
        r, alpha, a, b = self.values
        z = horizon / (alpha + T + horizon)
        shares = softmax(_log_terms(self.values, x, t_x, T, self.k)[1:], axis=0)
        ticks = range(self.k)
        parts = [_purchases(self.k, r + self.k * x + j, z, a, b + x + 1, j, first=True) for j in ticks]
        return sum(share * part for share, part in zip(shares, parts, strict=True))


def _purchases(k, shape, z, a, b, phase, first=False):
    """Sum over m = 1, 2, ... of P(at least m k - phase ticks) times E[(1-p)^m], or ^(m-1) where the `first` is free.

    Ticks are negative binomial, so their tail is a regularised incomplete beta function. Rows leave when their terms
    have become too small to matter.
    """
    shape, z, b = np.broadcast_arrays(np.asarray(shape, float), z, b)
    total, open_rows = np.zeros(shape.shape), np.arange(len(shape))
    for m in range(1, MOST_PURCHASES):
        n, q, chance = shape[open_rows], b[open_rows], z[open_rows]
        lived = np.exp(betaln(a, q + (m - 1 if first else m)) - betaln(a, q))
        term = betainc(m * k - phase, n, chance) * lived
        total[open_rows] += term
        open_rows = open_rows[term > ENOUGH * total[open_rows]]
        if not len(open_rows):
            break
    return total


def _log_terms(values, x, t_x, T, k):
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
    x, w, shape = rows.x, rows.weights, r + k * rows.x
    logs = _log_terms(values, x, rows.t_x, rows.T, k)
    total, share = logsumexp(logs, axis=0), softmax(logs, axis=0)
    counts = gammaln(shape) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x + 1) - betaln(a, b)
    slopes = _slopes(values, rows, k, shape, share)
    return w @ (counts + total), np.array([w @ slope for slope in slopes])


def _slopes(values, rows, k, shape, share):
    r, alpha, a, b = values
    x, dead, alive = rows.x, share[0], share[1:]
    ticks = np.arange(k)[:, None]
    ends, start = digamma(a + b + x + 1), digamma(a + b)
    more = (alive * (digamma(shape + ticks) - digamma(shape))).sum(axis=0)
    yield (
        digamma(shape)
        - digamma(r)
        + np.log(alpha)
        + more
        - dead * np.log(alpha + rows.t_x)
        - (1 - dead) * np.log(alpha + rows.T)
    )
    waiting = (alive * (shape + ticks)).sum(axis=0)
    yield r / alpha - dead * shape / (alpha + rows.t_x) - waiting / (alpha + rows.T)
    yield start - ends + dead / a
    yield digamma(b + x + 1) - ends - digamma(b) + start - dead / (b + x)
