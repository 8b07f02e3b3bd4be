"""Pareto/NBD: Poisson buying with gamma rates; customers stop at any moment, at gamma rates of their own.

Schmittlein, Morrison, Colombo (1987), Counting Your Customers, Management Science 33(1), 1-24. Equation numbers are
those of Fader, Hardie (2005), A Note on Deriving the Pareto/NBD Model and Related Expressions.
"""

import numpy as np
from scipy.special import digamma, expit, gammaln, logsumexp, softmax

from playbook.ltv.histories import BuyTillYouDie
from playbook.ltv.rows import by_unique, histories

#: Nodes of the Gauss-Legendre rule on [0, 1] for the integral over the moment of stopping.
NODES, WEIGHTS = (part / 2 for part in np.polynomial.legendre.leggauss(40))
NODES = NODES + 0.5


class ParetoNBD(BuyTillYouDie):
    """Parameters: buying rates gamma(r, alpha), stopping rates gamma(s, beta)."""

    key = "pareto_nbd"
    names = ("r", "alpha", "s", "beta")
    timed = ("alpha", "beta")
    starts = ((1, 1, 1, 1), (0.5, 0.3, 0.6, 0.4), (2, 0.5, 0.5, 2), (0.3, 0.1, 2, 4))

    def p_alive(self, x, t_x, T) -> np.ndarray:
        """P(alive), eqs. (36) and (37), as the share of the first term of the likelihood in both."""
        return by_unique(lambda *row: expit(_log_odds_alive(self.values, *row)), *histories(x, t_x, T))

    def expected_if_alive(self, horizon, x, t_x, T) -> np.ndarray:
        """Eq. (41) without P(alive)."""
        r, alpha, s, beta = self.values
        x, _, T = histories(x, t_x, T)
        return (r + x) / (alpha + T) * _time_alive(s, beta + T, horizon)

    def expected_of_new(self, horizon) -> np.ndarray:
        """E[X(t)], eq. (27)."""
        r, alpha, s, beta = self.values
        return r / alpha * _time_alive(s, beta, np.atleast_1d(np.asarray(horizon, float)))

    def draw(self, rng, horizon, x, t_x, T) -> np.ndarray:
        """Alive with P(alive); then purchases come at a rate for as long as the customer lives."""
        r, alpha, s, beta = self.values
        alive = rng.random(len(x)) < self.p_alive(x, t_x, T)
        left = rng.exponential(size=len(x)) / np.maximum(rng.gamma(s, size=len(x)), 1e-300) * (beta + T)
        rate = rng.gamma(r + x) / (alpha + T)
        return np.where(alive, rng.poisson(rate * np.minimum(left, horizon)), 0)

    def _likelihood(self, values, rows):
        """Eqs. (18) to (20): the factor of counts, times {still alive + stopped at a moment between t_x and T}."""
        r, alpha, s, beta = values
        x, w = rows.x, rows.weights
        alive, (stopped, of_stopped) = _alive(values, x, rows.T), _stopped(values, rows)
        value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(alive, stopped)
        p = expit(alive - stopped)
        of_counts = (digamma(r + x) - digamma(r) + np.log(alpha), r / alpha, np.log(beta), s / beta)
        slopes = zip(of_counts, _alive_slopes(values, rows), of_stopped, strict=True)
        return w @ value, np.array([w @ (c + p * u + (1 - p) * v) for c, u, v in slopes])


def _time_alive(s, beta, horizon):
    """Expected time alive within the horizon: beta / (s-1) [1 - (beta / (beta+t))^(s-1)], also where s is 1."""
    logs = np.log(beta / (beta + horizon))
    gap = s - 1
    return beta * (-np.expm1(gap * logs) / gap if abs(gap) > 1e-9 else -logs)


def _log_odds_alive(values, x, t_x, T):
    """The log of the odds of being alive at T."""
    _, logs, span = _integrand(values, x, t_x, T)
    return _alive(values, x, T) - _total(logs, span)


def _alive(values, x, T):
    r, alpha, s, beta = values
    return -(r + x) * np.log(alpha + T) - s * np.log(beta + T)


def _total(logs, span):
    with np.errstate(divide="ignore"):
        return logsumexp(logs, axis=1) + np.log(span)


def _integrand(values, x, t_x, T):
    """Moments of stopping between t_x and T (rows, nodes), the logarithm of eq. (20)'s integrand there, and the span.

    Eq. (20) is s times the integral of (alpha+tau)^-(r+x) (beta+tau)^-(s+1); its hypergeometric form loses all digits
    for large x. The rule runs over the logarithm of time, in units of the integrand's own decay at t_x.
    """
    r, alpha, s, beta = values
    decay = (r + x) / (alpha + t_x) + (s + 1) / (beta + t_x)
    reach = np.log1p(decay * (T - t_x))
    steps = reach[:, None] * NODES
    moments = t_x[:, None] + np.expm1(steps) / decay[:, None]
    density = np.log(s) - (r + x)[:, None] * np.log(alpha + moments) - (s + 1) * np.log(beta + moments)
    return moments, density + steps + np.log(WEIGHTS), reach / decay


def _alive_slopes(values, rows):
    r, alpha, s, beta = values
    a, b = alpha + rows.T, beta + rows.T
    return -np.log(a), -(r + rows.x) / a, -np.log(b), -s / b


def _stopped(values, rows):
    """log eq. (20), and its derivatives: means of those of its integrand, weighted by the integrand."""
    r, alpha, s, beta = values
    moments, logs, span = _integrand(values, rows.x, rows.t_x, rows.T)
    share = softmax(logs, axis=1)
    a, b = alpha + moments, beta + moments
    slopes = (-np.log(a), -(r + rows.x)[:, None] / a, 1 / s - np.log(b), -(s + 1) / b)
    return _total(logs, span), tuple((share * slope).sum(axis=1) for slope in slopes)
