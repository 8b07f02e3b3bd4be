"""Gamma-Gamma: what a customer spends per purchase on average, shrunk to the mean of all where few purchases were seen.

Fader, Hardie (2013), The Gamma-Gamma Model of Monetary Value. Equation numbers are the note's.
"""

from typing import NamedTuple, Self

import numpy as np
from scipy.special import digamma, gammaln

from playbook.ltv.likelihood import FitError, maximise
from playbook.ltv.model import Model
from playbook.ltv.rows import InputError


class Spending(NamedTuple):
    """Number of purchases, their mean value, customers of that kind."""

    x: np.ndarray
    mean: np.ndarray
    weights: np.ndarray

    def thin(self, limit: int) -> "Spending":
        """At most about `limit` rows, evenly spaced."""
        every = -(-len(self.x) // limit)
        return self if every <= 1 else Spending(*(column[::every] for column in self))


class GammaGamma(Model):
    """Parameters: values gamma(p, nu) around each customer's mean; nu gamma(q, gamma) across customers."""

    key = "gamma_gamma"
    names = ("p", "q", "gamma")
    timed = ("gamma",)
    starts = ((1, 2, 2), (6, 4, 0.5), (0.5, 1.5, 1), (30, 10, 0.3))

    def fit(self, x, mean_value, weights=None) -> Self:
        """Find the parameters from customers with x >= 1 purchases of positive mean value (the first one left out).

        Customers without a purchase, or whose mean is not positive, tell nothing here and are left out.
        """
        rows, unit = _spending(x, mean_value, weights)
        estimate = maximise(_likelihood, rows, self.starts, self.names)
        return self._take(estimate, unit, float(rows.weights.sum()))

    @property
    def is_usable(self) -> bool:
        """Whether the mean value of a purchase is finite as well."""
        return super().is_usable and self.parameters["q"] > 1

    @property
    def mean(self) -> float:
        """The mean value of a purchase over all customers, p gamma / (q-1); `FitError` where it is infinite."""
        p, q, gamma = self.values
        if q <= 1:
            raise FitError(
                f"spending is so uneven (q = {q:.2f}) that its mean is infinite: look at the largest customers."
            )
        return float(p * gamma / (q - 1))

    def expected_value(self, x, mean_value) -> np.ndarray:
        """Expected value of a purchase of each customer, eq. (5); with x = 0 the mean of all."""
        p, q, _ = self.values
        x, mean = _known(x, mean_value)
        own = p * x / (p * x + q - 1)
        return (1 - own) * self.mean + own * mean

    def draw(self, rng: np.random.Generator, purchases, x, mean_value) -> np.ndarray:
        """The total value of so many purchases of each customer, drawn from what the history leaves open."""
        p, q, gamma = self.values
        x, mean = _known(x, mean_value)
        rate = rng.gamma(q + p * x) / (gamma + x * mean)
        return rng.gamma(p * np.asarray(purchases, float)) / rate


def _known(x, mean_value):
    x, mean = np.asarray(x, float), np.asarray(mean_value, float)
    known = (x > 0) & (mean > 0)
    return np.where(known, x, 0.0), np.where(known, mean, 0.0)


def _spending(x, mean_value, weights):
    """The usable rows in ascending order, values in units of their mean."""
    x, mean = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(mean_value, float))
    if len(x) != len(mean):
        raise InputError(f"x and mean_value must be of one length; they have {len(x)} and {len(mean)} values.")
    weights = np.ones_like(x) if weights is None else np.asarray(weights, float)
    keep = (x > 0) & (mean > 0) & np.isfinite(mean)
    if weights[keep].sum() < 10:
        raise FitError(_too_few(int(weights[keep].sum()), int(weights.sum())), "too_few_values")
    order = np.flatnonzero(keep)[np.lexsort((mean[keep], x[keep]))]
    unit = float(weights[order] @ mean[order] / weights[order].sum())
    return Spending(x[order], mean[order] / unit, weights[order]), unit


def _too_few(usable, customers):
    return (
        f"only {usable} of {customers} customers have a repeat purchase of positive value; ten would be the least."
        " Use the plain mean, or a longer history."
    )


def _likelihood(values, rows):
    """Eq. (1a)."""
    p, q, gamma = values
    x, m, w = rows
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
