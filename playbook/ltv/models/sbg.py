"""Shifted-beta-geometric: contracts that are renewed or not, each customer with a probability of leaving of their own.

Fader, Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1), 76-90; residual
lifetimes from Fader, Hardie (2010), Customer-Base Valuation in a Contractual Setting, Marketing Science 29(1), 85-93.
"""

from typing import Any, Self

import numpy as np
from scipy.special import betaln, digamma, hyp2f1

from playbook.ltv.models.base import Model
from playbook.ltv.models.estimation import FitError, horizons, maximise, numbers, refuse, unique_rows


class SBG(Model):
    """Shifted-beta-geometric with probabilities of leaving at a renewal beta(alpha, beta).

    >>> model = SBG().fit(periods=[1, 2, 3, 4, 5], ended=[1, 1, 1, 1, 0], weights=[369, 163, 86, 56, 326])
    >>> model.survival([1, 2, 3]).round(2)  # who is still there after so many renewals
    array([0.63, 0.47, 0.38])
    >>> model.predict(2, [0, 5]).round(2)  # renewals within two periods: of new customers, and after five renewals
    array([1.1, 1.7])
    """

    key = "sbg"
    names = ("alpha", "beta")
    starts = ((1, 1), (0.5, 3), (2, 8))

    def fit(self, periods: Any, ended: Any, weights: Any = None) -> Self:
        """Fit the parameters to contracts: `periods` begun (1, 2, ...), and whether the last one was not renewed.

        A customer whose last renewal is still to come has `ended` false. Raises `InputError` or `FitError`, in words.
        """
        if len(np.atleast_1d(periods)) == 0:
            raise FitError(
                "there are no contracts: this model is for customers who sign and renew; use one for purchases.",
                "no_contracts",
            )
        periods, ended = numbers(periods=periods, ended=ended)
        counted = "each contract needs the number of periods begun (1, 2, ...) and whether it ended (0 or 1)"
        impossible = (periods < 1) | (periods != np.floor(periods)) | ~np.isin(ended, (0, 1))
        refuse(impossible, counted, {"periods": periods, "ended": ended})
        if ended.min() == ended.max():
            raise FitError("all contracts ended, or none did: no rate of renewal can be told from that.", "one_outcome")
        if periods.max() < 2:
            raise FitError(
                "no contract has come to a second renewal: wait for one, or use the plain renewal rate.", "no_renewal"
            )
        rows = unique_rows((ended, periods), weights)
        return self._store(maximise(self._likelihood, rows, self.starts, self.names))

    def survival(self, renewals: Any) -> np.ndarray:
        """S(t): the share that is still there after t renewals, eq. (6)."""
        alpha, beta = self.values
        return np.exp(betaln(alpha, beta + np.asarray(renewals, float)) - betaln(alpha, beta))

    def predict(self, horizon: float, renewals: Any) -> np.ndarray:
        """Renewals expected within `horizon` periods of customers who renewed so many times and are still there.

        Shape (customers,); of a part of a period, that part. Raises `InputError`.
        """
        [horizon] = horizons(horizon)
        [n] = numbers(renewals=renewals)
        whole, part = divmod(horizon, 1)
        ahead = [self.survival(n + i) / self.survival(n) for i in range(1, int(whole) + 2)]
        return sum(ahead[:-1], np.zeros(len(n))) + part * ahead[-1]

    def residual_lifetime(self, discount: float, renewals: Any) -> np.ndarray:
        """DERL: all future periods, discounted per period, just before the next renewal; eq. (6) of the 2010 paper."""
        alpha, beta = self.values
        n = np.atleast_1d(np.asarray(renewals, float))
        return (beta + n) / (alpha + beta + n) * hyp2f1(1, beta + n + 1, alpha + beta + n + 1, 1 / (1 + discount))

    def sample(self, rng: np.random.Generator, horizon: float, renewals: Any) -> np.ndarray:
        """One possible future: whether the last, partial period brings a renewal is drawn by its part."""
        alpha, beta = self.values
        periods = np.floor(horizon + rng.random(len(renewals)))
        leaving = np.maximum(rng.beta(alpha, beta + np.asarray(renewals, float)), 1e-12)
        return np.minimum(rng.geometric(leaving) - 1, periods)

    @staticmethod
    def _likelihood(values, rows):
        """Eq. (5) for those who left after so many periods, and S(t-1), eq. (6), for those who are still there."""
        alpha, beta = values
        (left, periods), w = rows.columns, rows.weights
        n = periods - 1
        value = betaln(alpha + left, beta + n) - betaln(alpha, beta)
        ends, start = digamma(alpha + left + beta + n), digamma(alpha + beta)
        slope_alpha = digamma(alpha + left) - ends - digamma(alpha) + start
        slope_beta = digamma(beta + n) - ends - digamma(beta) + start
        return w @ value, np.array([w @ slope_alpha, w @ slope_beta])
