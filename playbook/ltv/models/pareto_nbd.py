"""Pareto/NBD: Poisson buying with gamma rates; customers stop at any moment, at gamma rates of their own.

Schmittlein, Morrison, Colombo (1987), Counting Your Customers, Management Science 33(1), 1-24. Equation numbers are
those of Fader, Hardie (2005), A Note on Deriving the Pareto/NBD Model and Related Expressions.
"""

import numpy as np
from scipy.special import digamma, expit, gammaln, logsumexp, softmax

from playbook.ltv.models.base import BuyTillYouDie
from playbook.ltv.models.estimation import by_unique, histories, horizons

#: Nodes and weights of the Gauss-Legendre rule on [0, 1] for the integral over the moment of stopping.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)
NODES, WEIGHTS = NODES / 2 + 0.5, WEIGHTS / 2


class ParetoNBD(BuyTillYouDie):
    """Pareto/NBD with buying rates gamma(r, alpha) and stopping rates gamma(s, beta).

    >>> cdnow = ParetoNBD().with_parameters(r=0.553, alpha=10.578, s=0.606, beta=11.669)  # as published, in weeks
    >>> cdnow.p_alive([26], [30.857], [31]).round(4)
    array([0.9979])
    >>> cdnow.predict(52, [26], [30.857], [31]).round(2)
    array([25.46])
    """

    key = "pareto_nbd"
    names = ("r", "alpha", "s", "beta")
    timed = ("alpha", "beta")
    starts = ((1, 1, 1, 1), (0.5, 0.3, 0.6, 0.4), (2, 0.5, 0.5, 2), (0.3, 0.1, 2, 4))

    def expected_purchases_new_customer(self, horizon) -> np.ndarray:
        """E[X(t)], eq. (27)."""
        r, alpha, s, beta = self.values
        return r / alpha * _time_alive(s, beta, horizons(horizon))

    def sample(self, rng, horizon, frequency, recency, T) -> np.ndarray:
        """Alive with P(alive); then purchases come at a rate for as long as the customer lives."""
        r, alpha, s, beta = self.values
        x, t_x, T = histories(frequency, recency, T)
        alive = rng.random(len(x)) < self._p_alive(x, t_x, T)
        left = rng.exponential(size=len(x)) / np.maximum(rng.gamma(s, size=len(x)), 1e-300) * (beta + T)
        rate = rng.gamma(r + x) / (alpha + T)
        return np.where(alive, rng.poisson(rate * np.minimum(left, horizon)), 0)

    def _p_alive(self, x, t_x, T):
        """Eqs. (36) and (37), as the share of the first term of the likelihood in both."""

        def share(x, t_x, T):
            return expit(_alive(self.values, x, T) - logsumexp(_stopped(self.values, x, t_x, T)[0], axis=1))

        return by_unique(share, x, t_x, T)

    def _expected_if_alive(self, horizon, x, t_x, T):
        """Eq. (41) without P(alive)."""
        r, alpha, s, beta = self.values
        return (r + x) / (alpha + T) * _time_alive(s, beta + T, horizon)

    @staticmethod
    def _likelihood(values, rows):
        """Eqs. (18) to (20): the factor of counts, times {still alive + stopped at a moment between t_x and T}."""
        r, alpha, s, beta = values
        (x, t_x, T), w = rows.columns, rows.weights
        alive, (logs, moments) = _alive(values, x, T), _stopped(values, x, t_x, T)
        stopped, share = logsumexp(logs, axis=1), softmax(logs, axis=1)
        value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(alive, stopped)
        p = expit(alive - stopped)

        def mean(if_alive, if_stopped):
            """A derivative of log(alive + stopped): that of the integral is the integrand's, weighted by it."""
            return p * if_alive + (1 - p) * (share * if_stopped).sum(axis=1)

        rate, rates, life, lives = alpha + T, alpha + moments, beta + T, beta + moments
        slopes = (
            digamma(r + x) - digamma(r) + np.log(alpha) - mean(np.log(rate), np.log(rates)),
            r / alpha - mean((r + x) / rate, (r + x)[:, None] / rates),
            np.log(beta) + mean(-np.log(life), 1 / s - np.log(lives)),
            s / beta - mean(s / life, (s + 1) / lives),
        )
        return w @ value, np.array([w @ slope for slope in slopes])


def _time_alive(s, beta, horizon):
    """Expected time alive within the horizon: beta / (s-1) [1 - (beta / (beta+t))^(s-1)], also where s is 1."""
    logs = np.log(beta / (beta + horizon))
    gap = s - 1
    return beta * (-np.expm1(gap * logs) / gap if abs(gap) > 1e-9 else -logs)


def _alive(values, x, T):
    """The logarithm of the first term of eq. (18)."""
    r, alpha, s, beta = values
    return -(r + x) * np.log(alpha + T) - s * np.log(beta + T)


def _stopped(values, x, t_x, T):
    """Logarithms of the parts that add up to eq. (20), and the moments of stopping they stand for, shape (rows, nodes).

    Eq. (20) is s times the integral of (alpha+tau)^-(r+x) (beta+tau)^-(s+1); its hypergeometric form loses all digits
    for large x. The rule runs over the logarithm of time, in units of the integrand's own decay at t_x.
    """
    r, alpha, s, beta = values
    decay = (r + x) / (alpha + t_x) + (s + 1) / (beta + t_x)
    reach = np.log1p(decay * (T - t_x))
    steps = reach[:, None] * NODES
    moments = t_x[:, None] + np.expm1(steps) / decay[:, None]
    density = np.log(s) - (r + x)[:, None] * np.log(alpha + moments) - (s + 1) * np.log(beta + moments)
    span = np.maximum(reach / decay, 1e-300)  # 0 where the last purchase was on the last day
    return density + steps + np.log(WEIGHTS * span[:, None]), moments
