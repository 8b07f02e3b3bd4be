"""BG/NBD: Poisson buying with gamma rates; after each purchase a customer stops with a beta-distributed probability.

Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2), 275-284. Equation numbers
are the paper's; P(alive) is from Fader, Hardie, Lee (2008), Computing P(alive) Using the BG/NBD Model.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln, hyp2f1, zeta

from playbook.ltv.histories import BuyTillYouDie
from playbook.ltv.rows import Rows, by_unique, histories


class Parts(NamedTuple):
    """What eq. (6) is summed over: each x that occurs with its customers, all rows, those with x > 0."""

    x: np.ndarray
    count: np.ndarray
    all: Rows
    again: Rows


class BGNBD(BuyTillYouDie):
    """Parameters: rates gamma(r, alpha), drop-out probabilities beta(a, b)."""

    key = "bg_nbd"
    names = ("r", "alpha", "a", "b")
    timed = ("alpha",)
    starts = ((1, 1, 1, 1), (0.25, 0.15, 0.8, 2.5), (1, 0.2, 0.2, 2), (3, 0.5, 1, 10))

    def p_alive(self, x, t_x, T) -> np.ndarray:
        """P(alive): 1 for one-time buyers, since this model lets nobody stop before a second purchase."""
        return expit(-_odds_of_death(self.values, *histories(x, t_x, T)))

    def expected_if_alive(self, horizon, x, t_x, T) -> np.ndarray:
        """The numerator of eq. (10)."""
        x, _, T = histories(x, t_x, T)
        return by_unique(lambda x, T: _expected(self.values, horizon, x, T), x, T)

    def expected_of_new(self, horizon) -> np.ndarray:
        """E[X(t)], eq. (9)."""
        t = np.atleast_1d(np.asarray(horizon, float))
        return _expected(self.values, t, np.zeros_like(t), np.zeros_like(t))

    def draw(self, rng, horizon, x, t_x, T) -> np.ndarray:
        """Alive with P(alive); then purchases come at a rate, until the one after which the customer stops."""
        r, alpha, a, b = self.values
        alive = rng.random(len(x)) < self.p_alive(x, t_x, T)
        bought = rng.poisson(rng.gamma(r + x) / (alpha + T) * horizon)
        last = rng.geometric(np.maximum(rng.beta(a, b + x), 1e-12))
        return np.where(alive, np.minimum(bought, last), 0)

    def _prepared(self, rows):
        count = np.bincount(rows.x.astype(np.int64), weights=rows.weights)
        x = np.flatnonzero(count)
        return Parts(x, count[x], rows, rows.where(rows.x > 0))

    def _likelihood(self, values, rows):
        """The logarithm of eq. (6), in three parts."""
        counts, once, again = _counts(values, rows), _once(values, rows.all), _again(values, rows.again)
        return counts[0] + once[0] + again[0], counts[1] + once[1] + again[1]

    def _curvature(self, values, rows):
        return _bend_of_counts(values, rows) + _bend_of_once(values, rows.all) + _bend_of_again(values, rows.again)


def _odds_of_death(values, x, t_x, T):
    """The log of the odds that a customer has stopped: (a / (b+x-1)) ((alpha+T) / (alpha+t_x))^(r+x), for x > 0."""
    r, alpha, a, b = values
    odds = np.log(a / (b + np.maximum(x, 1) - 1)) + (r + x) * np.log((alpha + T) / (alpha + t_x))
    return np.where(x > 0, odds, -np.inf)


def _expected(values, t, x, T):
    """The bracket of eq. (10); with x = 0 and T = 0, eq. (9).

    Euler's transformation 2F1(A, B; C; z) = (1-z)^(C-A-B) 2F1(C-A, C-B; C; z) leaves a series whose first two arguments
    do not grow with x, so that a thousand purchases are no harder than two.
    """
    r, alpha, a, b = values
    a = a + 1e-7 if abs(a - 1) < 1e-7 else a
    c, z = a + b + x - 1, t / (alpha + T + t)
    series = hyp2f1(a + b - 1 - r, a - 1, c, z)
    return np.maximum(c / (a - 1) * (1 - (1 - z) ** (a - 1) * series), 0.0)


def _counts(values, rows):
    """What of the logarithm of eq. (6) depends on x alone."""
    r, alpha, a, b = values
    x, w, total = rows.x, rows.count, rows.count.sum()
    value = w @ (gammaln(r + x) + betaln(a, b + x)) + total * (r * np.log(alpha) - gammaln(r) - betaln(a, b))
    ends, start = digamma(a + b + x), digamma(a + b)
    slopes = [
        w @ digamma(r + x) + total * (np.log(alpha) - digamma(r)),
        total * r / alpha,
        total * start - w @ ends,
        w @ (digamma(b + x) - ends) + total * (start - digamma(b)),
    ]
    return value, np.array(slopes)


def _once(values, rows):
    """-(r+x) log(alpha+T): the factor (alpha+T)^-(r+x) taken out of both terms of eq. (6)."""
    r, alpha, *_ = values
    w, shape, rate = rows.weights, r + rows.x, alpha + rows.T
    logs = np.log(rate)
    return -(w @ (shape * logs)), np.array([-(w @ logs), -(w @ (shape / rate)), 0.0, 0.0])


def _again(values, rows):
    """log(1 + odds of death) of those who came back: what remains of eq. (6)."""
    r, alpha, a, b = values
    w, shape, before, now, times = rows.weights, r + rows.x, alpha + rows.t_x, alpha + rows.T, b + rows.x - 1
    logs = np.log(now / before)
    odds = np.log(a / times) + shape * logs
    dead = w * expit(odds)
    slopes = [dead @ logs, dead @ (shape * (1 / now - 1 / before)), dead.sum() / a, -(dead @ (1 / times))]
    return w @ np.logaddexp(0, odds), np.array(slopes)


def _bend_of_counts(values, rows):
    """Second derivatives of `_counts`; zeta(2, .) is the trigamma function."""
    r, alpha, a, b = values
    x, w, total = rows.x, rows.count, rows.count.sum()
    both = total * zeta(2, a + b) - w @ zeta(2, a + b + x)
    bend = np.zeros((4, 4))
    bend[0, 0] = w @ zeta(2, r + x) - total * zeta(2, r)
    bend[0, 1] = bend[1, 0] = total / alpha
    bend[1, 1] = -total * r / alpha**2
    bend[2:, 2:] = both
    bend[3, 3] += w @ zeta(2, b + x) - total * zeta(2, b)
    return bend


def _bend_of_once(values, rows):
    """Second derivatives of `_once`."""
    r, alpha, *_ = values
    rate, bend = 1 / (alpha + rows.T), np.zeros((4, 4))
    bend[0, 1] = bend[1, 0] = -(rows.weights @ rate)
    bend[1, 1] = rows.weights @ ((r + rows.x) * rate**2)
    return bend


def _bend_of_again(values, rows):
    """Second derivatives of `_again`: of log(1 + e^odds), by the chain rule."""
    r, alpha, a, b = values
    shape, before, now, times = r + rows.x, 1 / (alpha + rows.t_x), 1 / (alpha + rows.T), 1 / (b + rows.x - 1)
    logs = np.log(before / now)
    dead = expit(np.log(a * times) + shape * logs)
    slopes = np.array([logs, shape * (now - before), np.full_like(logs, 1 / a), -times])
    bend = (slopes * (rows.weights * dead * (1 - dead))) @ slopes.T
    w = rows.weights * dead
    bend[0, 1] += w @ (now - before)
    bend[1, 0] += w @ (now - before)
    bend[1, 1] += w @ (shape * (before**2 - now**2))
    bend[2, 2] -= w.sum() / a**2
    bend[3, 3] += w @ times**2
    return bend
