"""BG/BB: one yes or no at each of n occasions (a yearly donation, a monthly issue), until a customer stops.

Fader, Hardie, Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science 29(6),
1086-1108. Equation numbers are the paper's.
"""

from typing import Self

import numpy as np
from scipy.special import betaln, digamma, logsumexp

from playbook.ltv.likelihood import maximise
from playbook.ltv.model import Model
from playbook.ltv.rows import by_unique, histories, unique_rows


class BGBB(Model):
    """Parameters: probability of buying beta(alpha, beta), of stopping beta(gamma, delta).

    x: occasions used of n; t_x: the last one used (0 if none); n: occasions offered.
    """

    key = "bg_bb"
    names = ("alpha", "beta", "gamma", "delta")
    starts = ((1, 1, 1, 1), (1, 1, 0.5, 3), (0.5, 2, 1, 5))

    def fit(self, x, t_x, n, weights=None) -> Self:
        """Find the parameters by maximum likelihood. Raises `InputError` or `FitError`, in words."""
        rows = unique_rows(*histories(x, t_x, n), weights)
        return self._take(maximise(_likelihood, rows, self.starts, self.names))

    def p_alive(self, x, t_x, n) -> np.ndarray:
        """The probability of being alive at occasion n + 1, eq. (11)."""
        return by_unique(lambda *row: self._alive_after(1, *row), *histories(x, t_x, n))

    def expected_purchases(self, occasions: int, x, t_x, n) -> np.ndarray:
        """Occasions used of the next ones, eq. (13) summed occasion by occasion: alive then, and buying."""
        return by_unique(lambda *row: self._expected(int(occasions), *row), *histories(x, t_x, n))

    def expected_of_new(self, occasions: int) -> float:
        """E[X(n)], eq. (8), as the same sum from the start."""
        zero = np.zeros(1)
        return float(self._expected(int(occasions), zero, zero, zero)[0])

    def _expected(self, occasions, x, t_x, n):
        alpha, beta, *_ = self.values
        chance = (alpha + x) / (alpha + beta + n)
        return chance * sum(self._alive_after(i, x, t_x, n) for i in range(1, occasions + 1))

    def _alive_after(self, more, x, t_x, n):
        """Alive `more` occasions from now, given the history."""
        alpha, beta, gamma, delta = self.values
        bought = betaln(alpha + x, beta + n - x) - betaln(alpha, beta)
        lived = betaln(gamma, delta + n + more) - betaln(gamma, delta)
        return np.exp(bought + lived - logsumexp(_terms(self.values, x, t_x, n)[0], axis=1))


def _terms(values, x, t_x, n):
    """Logarithms of the terms of eq. (5), shape (rows, 1 + longest silence), and each term's last occasion."""
    alpha, beta, gamma, delta = values
    silence = n - t_x
    i = np.arange(int(silence.max()) + 1)[None, :] - 1  # -1: alive at n
    alive = i < 0
    end = np.where(alive, n[:, None], t_x[:, None] + i)
    bought = betaln(alpha + x[:, None], beta + end - x[:, None]) - betaln(alpha, beta)
    lived = betaln(np.where(alive, gamma, gamma + 1), delta + end) - betaln(gamma, delta)
    return np.where(i < silence[:, None], bought + lived, -np.inf), end


def _likelihood(values, rows):
    alpha, beta, gamma, delta = values
    x, w = rows.x[:, None], rows.weights
    logs, end = _terms(values, rows.x, rows.t_x, rows.T)
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
