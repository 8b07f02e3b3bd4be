"""BG/BB: one yes or no at each of n occasions (a yearly donation, a monthly issue), until a customer stops.

Fader, Hardie, Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science 29(6),
1086-1108. Equation numbers are the paper's.
"""

from typing import Any, Self

import numpy as np
from scipy.special import betaln, digamma, logsumexp

from playbook.ltv.models.base import Model
from playbook.ltv.models.estimation import by_unique, horizons, maximise, numbers, refuse, unique_rows


class BGBB(Model):
    """BG/BB with probabilities of buying beta(alpha, beta) and of stopping beta(gamma, delta).

    frequency: occasions used of n; recency: the last one used (0 if none); n: occasions offered; one entry each per
    customer.

    >>> donors = BGBB().with_parameters(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)  # as published
    >>> donors.predict(5, [6, 0], [6, 0], [6, 6]).round(2)  # of the next five occasions
    array([3.75, 0.07])
    """

    key = "bg_bb"
    names = ("alpha", "beta", "gamma", "delta")
    starts = ((1, 1, 1, 1), (1, 1, 0.5, 3), (0.5, 2, 1, 5))

    def fit(self, frequency: Any, recency: Any, n: Any, weights: Any = None) -> Self:
        """Fit the parameters by maximum likelihood; `weights`: customers per row. Raises `InputError` or `FitError`."""
        rows = unique_rows(_occasions(frequency, recency, n), weights)
        return self._store(maximise(self._likelihood, rows, self.starts, self.names))

    def p_alive(self, frequency: Any, recency: Any, n: Any) -> np.ndarray:
        """The probability of being alive at occasion n + 1, eq. (11), shape (customers,)."""
        return by_unique(lambda *row: self._alive_after(1, *row), *_occasions(frequency, recency, n))

    def predict(self, horizon: int, frequency: Any, recency: Any, n: Any) -> np.ndarray:
        """Occasions used of the next `horizon`, eq. (13) summed occasion by occasion: alive then, and buying.

        With zeros for frequency, recency and n it is that of a new customer, E[X(n)], eq. (8).
        """
        alpha, beta, *_ = self.values
        [occasions] = horizons(horizon)

        def expected(x, t_x, n):
            alive = sum(self._alive_after(i, x, t_x, n) for i in range(1, int(occasions) + 1))
            return (alpha + x) / (alpha + beta + n) * alive

        return by_unique(expected, *_occasions(frequency, recency, n))

    def _alive_after(self, more, x, t_x, n):
        """Alive `more` occasions from now, given the history."""
        alpha, beta, gamma, delta = self.values
        bought = betaln(alpha + x, beta + n - x) - betaln(alpha, beta)
        lived = betaln(gamma, delta + n + more) - betaln(gamma, delta)
        return np.exp(bought + lived - logsumexp(_log_terms(self.values, x, t_x, n)[0], axis=1))

    @staticmethod
    def _likelihood(values, rows):
        alpha, beta, gamma, delta = values
        x, w = rows.columns[0][:, None], rows.weights
        logs, end = _log_terms(values, *rows.columns)
        value = logsumexp(logs, axis=1)
        share = np.exp(logs - value[:, None])
        stopped = (np.arange(end.shape[1]) > 0)[None, :]
        bought, lived = digamma(alpha + beta + end), digamma(gamma + stopped + delta + end)
        slopes = (
            digamma(alpha + x) - bought - digamma(alpha) + digamma(alpha + beta),
            digamma(beta + np.maximum(end - x, 0)) - bought - digamma(beta) + digamma(alpha + beta),
            digamma(gamma + stopped) - lived - digamma(gamma) + digamma(gamma + delta),
            digamma(delta + end) - lived - digamma(delta) + digamma(gamma + delta),
        )
        return w @ value, np.array([w @ (share * slope).sum(axis=1) for slope in slopes])


def _log_terms(values, x, t_x, n):
    """Logarithms of the terms of eq. (5), shape (rows, 1 + longest silence), and each term's last occasion."""
    alpha, beta, gamma, delta = values
    silence = n - t_x
    i = np.arange(int(silence.max()) + 1)[None, :] - 1  # -1: alive at n
    alive = i < 0
    end = np.where(alive, n[:, None], t_x[:, None] + i)
    bought = betaln(alpha + x[:, None], beta + end - x[:, None]) - betaln(alpha, beta)
    lived = betaln(np.where(alive, gamma, gamma + 1), delta + end) - betaln(gamma, delta)
    return np.where(i < silence[:, None], bought + lived, -np.inf), end


def _occasions(frequency, recency, n):
    x, t_x, n = numbers(frequency=frequency, recency=recency, n=n)
    whole = (x == np.floor(x)) & (t_x == np.floor(t_x)) & (n == np.floor(n))
    possible = whole & (x >= 0) & (x <= t_x) & (t_x <= n) & ((x > 0) | (t_x == 0))
    message = (
        "frequency (occasions used), recency (the last one used) and n (offered) count occasions: 0 <= x <= t_x <= n"
    )
    refuse(~possible, message, {"frequency": x, "recency": t_x, "n": n})
    return x, t_x, n
