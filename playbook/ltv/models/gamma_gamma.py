"""Gamma-Gamma: what a customer spends per purchase on average, shrunk to the mean of all where few purchases were seen.

Fader, Hardie (2013), The Gamma-Gamma Model of Monetary Value. Equation numbers are the note's.
"""

from typing import Any, Self

import numpy as np
from scipy.special import digamma, gammaln

from playbook.ltv.models.base import Model
from playbook.ltv.models.estimation import FitError, Rows, maximise, numbers, refuse, unique_rows


class GammaGamma(Model):
    """Gamma-Gamma: values gamma(p, nu) around each customer's mean, nu gamma(q, gamma) across customers.

    frequency: repeat purchases; monetary: their mean value, the first purchase left out; one entry each per customer.

    >>> cdnow = GammaGamma().with_parameters(p=6.25, q=3.74, gamma=15.45)  # as published, in dollars
    >>> cdnow.predict([0, 1, 50], [0, 80, 80]).round(1)  # the mean of all; between both; nearly the customer's own
    array([35.2, 66.4, 79.6])
    """

    key = "gamma_gamma"
    names = ("p", "q", "gamma")
    timed = ("gamma",)
    starts = ((1, 2, 2), (6, 4, 0.5), (0.5, 1.5, 1), (30, 10, 0.3))

    def fit(self, frequency: Any, monetary: Any, weights: Any = None) -> Self:
        """Fit the parameters to the customers with a repeat purchase of positive mean value; others tell nothing here.

        `weights`: customers per row. Raises `InputError`, and `FitError` where fewer than ten are left.
        """
        rows = unique_rows(_spending(frequency, monetary), weights)
        (x, m), w = rows.columns, rows.weights
        usable = (x > 0) & (m > 0)
        if w[usable].sum() < 10:
            raise FitError(
                f"only {w[usable].sum():g} of {w.sum():g} customers have a repeat purchase of positive value; ten would"
                " be the least. Use the plain mean, or a longer history.",
                "too_few_values",
            )
        x, m, w = x[usable], m[usable], w[usable]
        unit = float(w @ m / w.sum())
        estimate = maximise(self._likelihood, Rows((x, m / unit), w), self.starts, self.names)
        return self._store(estimate, unit, float(w.sum()))

    @property
    def is_usable(self) -> bool:
        """Whether the mean value of a purchase is finite as well."""
        return super().is_usable and self.parameters_["q"] > 1

    @property
    def mean(self) -> float:
        """The mean value of a purchase over all customers, p gamma / (q-1); `FitError` where it is infinite."""
        p, q, gamma = self.values
        if q <= 1:
            uneven = f"spending is so uneven (q = {q:.2f}) that its mean is infinite: look at the largest customers."
            raise FitError(uneven, "infinite_mean")
        return float(p * gamma / (q - 1))

    def predict(self, frequency: Any, monetary: Any) -> np.ndarray:
        """Expected value of a purchase of each customer, eq. (5), shape (customers,); without repeats the mean of all.

        Raises `InputError`, and `FitError` where the mean of all is infinite.
        """
        p, q, _ = self.values
        x, m = _spending(frequency, monetary)
        own = p * x / (p * x + q - 1)
        return (1 - own) * self.mean + own * m

    def sample(self, rng: np.random.Generator, purchases: Any, frequency: Any, monetary: Any) -> np.ndarray:
        """The total value of so many purchases of each customer, drawn from what the history leaves open."""
        p, q, gamma = self.values
        x, m = _spending(frequency, monetary)
        rate = rng.gamma(q + p * x) / (gamma + x * m)
        return rng.gamma(p * np.asarray(purchases, float)) / rate

    @staticmethod
    def _likelihood(values, rows):
        """Eq. (1a)."""
        p, q, gamma = values
        (x, m), w = rows.columns, rows.weights
        n, rate = p * x, gamma + m * x
        value = (
            gammaln(n + q) - gammaln(n) - gammaln(q)
            + q * np.log(gamma) + (n - 1) * np.log(m) + n * np.log(x) - (n + q) * np.log(rate)
        )  # fmt: skip
        slopes = (
            x * (digamma(n + q) - digamma(n) + np.log(m * x / rate)),
            digamma(n + q) - digamma(q) + np.log(gamma / rate),
            q / gamma - (n + q) / rate,
        )
        return w @ value, np.array([w @ slope for slope in slopes])


def _spending(frequency, monetary):
    """Checked columns; who has no repeat purchase of positive value has 0 in both."""
    x, m = numbers(frequency=frequency, monetary=monetary)
    refuse(x < 0, "frequency counts repeat purchases: 0, 1, 2, ...", {"frequency": x, "monetary": m})
    usable = (x > 0) & (m > 0)
    return np.where(usable, x, 0.0), np.where(usable, m, 0.0)
