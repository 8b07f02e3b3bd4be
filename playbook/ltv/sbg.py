"""Shifted-beta-geometric: contracts that are renewed or not, each customer with a probability of leaving of their own.

Fader, Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1), 76-90; residual
lifetimes from Fader, Hardie (2010), Customer-Base Valuation in a Contractual Setting, Marketing Science 29(1), 85-93.
"""

from typing import Self

import numpy as np
from scipy.special import betaln, digamma, hyp2f1

from playbook.ltv.likelihood import FitError, maximise
from playbook.ltv.model import Model
from playbook.ltv.rows import InputError, Rows, unique_rows


class SBG(Model):
    """Parameters: probability of leaving at a renewal beta(alpha, beta)."""

    key = "sbg"
    names = ("alpha", "beta")
    starts = ((1, 1), (0.5, 3), (2, 8))

    def fit(self, periods, ended, weights=None) -> Self:
        """Find the parameters from contracts: `periods` begun (1, 2, ...), and whether the last one was not renewed.

        A customer whose last renewal is still to come has `ended` false. Raises `InputError` or `FitError`, in words.
        """
        rows = _contracts(periods, ended, weights)
        return self._take(maximise(_likelihood, rows, self.starts, self.names))

    def survival(self, renewals) -> np.ndarray:
        """S(t): the share that is still there after t renewals, eq. (6)."""
        alpha, beta = self.values
        return np.exp(betaln(alpha, beta + np.asarray(renewals, float)) - betaln(alpha, beta))

    def retention(self, renewal) -> np.ndarray:
        """r(t): the share of those who came to the t-th renewal that renew, eq. (8)."""
        alpha, beta = self.values
        t = np.asarray(renewal, float)
        return (beta + t - 1) / (alpha + beta + t - 1)

    def expected_renewals(self, horizon: int, renewals) -> np.ndarray:
        """Renewals expected within `horizon` periods of customers who renewed so many times and are still there."""
        made = np.atleast_1d(np.asarray(renewals, float))
        return sum(self.survival(made + ahead) for ahead in range(1, int(horizon) + 1)) / self.survival(made)

    def residual_lifetime(self, discount: float, renewals) -> np.ndarray:
        """DERL: all future periods, discounted per period, just before the next renewal; eq. (6) of the 2010 paper."""
        alpha, beta = self.values
        n = np.atleast_1d(np.asarray(renewals, float))
        return (beta + n) / (alpha + beta + n) * hyp2f1(1, beta + n + 1, alpha + beta + n + 1, 1 / (1 + discount))

    def draw(self, rng: np.random.Generator, horizon: int, renewals) -> np.ndarray:
        """One possible future: renewals of each customer within `horizon` periods."""
        alpha, beta = self.values
        leaving = np.maximum(rng.beta(alpha, beta + np.asarray(renewals, float)), 1e-12)
        return np.minimum(rng.geometric(leaving) - 1, int(horizon))


def _contracts(periods, ended, weights):
    """Rows: x is 1 where the contract ended, T the number of periods begun."""
    periods, ended = np.atleast_1d(np.asarray(periods, float)), np.atleast_1d(np.asarray(ended, float))
    if len(periods) == 0:
        raise FitError(
            "there are no contracts: this model is for customers who sign and renew; use one for purchases.",
            "no_contracts",
        )
    if len(periods) != len(ended) or (periods < 1).any() or (periods != np.floor(periods)).any():
        raise InputError("each contract needs the number of periods begun (1, 2, ...) and whether it ended.")
    if ended.min() == ended.max():
        raise FitError("all contracts ended, or none did: no rate of renewal can be told from that.", "one_outcome")
    return _repeatable(unique_rows(ended, np.zeros_like(periods), periods, weights))


def _repeatable(rows: Rows) -> Rows:
    if rows.T.max() < 2:
        raise FitError(
            "no contract has come to a second renewal: wait for one, or use the plain renewal rate.", "no_renewal"
        )
    return rows


def _likelihood(values, rows):
    """Eq. (5) for those who left after T periods, and S(T-1), eq. (6), for those who are still there."""
    alpha, beta = values
    left, w, n = rows.x, rows.weights, rows.T - 1
    value = betaln(alpha + left, beta + n) - betaln(alpha, beta)
    ends, start = digamma(alpha + left + beta + n), digamma(alpha + beta)
    slopes = (digamma(alpha + left) - ends - digamma(alpha) + start, digamma(beta + n) - ends - digamma(beta) + start)
    return w @ value, np.array([w @ slope for slope in slopes])
