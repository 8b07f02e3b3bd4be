"""What the models share: parameters and how sure they are, and the interface of those that forecast purchases."""

from copy import copy
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import ndtri
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from playbook.ltv.models.estimation import Estimate, FitError, Rows, histories, horizons, maximise, unique_rows

#: So often are parameters drawn again where those drawn give no forecast.
MOST_TRIES = 100


class Model(BaseEstimator):
    """A scikit-learn estimator with positive parameters, found by maximum likelihood.

    After `fit`: `parameters_` (by name), `log_covariance_` (of their logarithms) and `log_likelihood_`.
    """

    #: What tables and texts call the model.
    key: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    #: Parameters that are times or rates of time, and so carry its unit.
    timed: ClassVar[tuple[str, ...]] = ()
    starts: ClassVar[tuple[tuple[float, ...], ...]]

    def with_parameters(self, **parameters: float) -> Self:
        """A copy with these parameters instead of fitted ones, for example published ones.

        Raises `TypeError` where they are not those of the model.
        """
        if set(parameters) != set(self.names):
            raise TypeError(f"{type(self).__name__} has the parameters {self.names}; given are {tuple(parameters)}.")
        model = copy(self)
        model.parameters_ = {name: float(parameters[name]) for name in self.names}
        model.log_covariance_ = model.log_likelihood_ = None
        return model

    @property
    def values(self) -> np.ndarray:
        """The parameters in the order of `names`; `NotFittedError` before a fit."""
        check_is_fitted(self, "parameters_")
        return np.array([self.parameters_[name] for name in self.names])

    @property
    def is_usable(self) -> bool:
        """Whether the parameters give a forecast: all finite and above zero."""
        return bool(np.all(np.isfinite(self.values) & (self.values > 0)))

    def interval(self, level: float = 0.9) -> dict[str, tuple[float, float]]:
        """The confidence interval of each parameter, symmetric on the logarithmic scale, its most normal one."""
        reach = ndtri(0.5 + level / 2) * np.sqrt(np.diag(self.log_covariance_))
        low, high = self.values * np.exp(-reach), self.values * np.exp(reach)
        return {name: (float(a), float(b)) for name, a, b in zip(self.names, low, high, strict=True)}

    def resampled(self, rng: np.random.Generator) -> Self:
        """The same model with parameters drawn from what the data leave open, and under which there is a forecast."""
        if self.log_covariance_ is None:
            return self
        factor = np.linalg.cholesky(self.log_covariance_)
        for _ in range(MOST_TRIES):
            values = self.values * np.exp(factor @ rng.standard_normal(len(self.names)))
            model = self.with_parameters(**dict(zip(self.names, values, strict=True)))
            if model.is_usable:
                return model
        return self

    def to_dict(self) -> dict[str, Any]:
        """The model as plain numbers, ready for JSON."""
        covariance = None if self.log_covariance_ is None else self.log_covariance_.tolist()
        return {
            "model": self.key,
            "parameters": self.parameters_,
            "log_covariance": covariance,
            "log_likelihood": self.log_likelihood_,
        }

    def _store(self, estimate: Estimate, unit: float = 1.0, events: float = 0.0) -> Self:
        """Keep an estimate made with time counted in `unit`s, in which `events` purchases were dated."""
        scale = [unit if name in self.timed else 1.0 for name in self.names]
        self.parameters_ = dict(zip(self.names, (estimate.values * scale).tolist(), strict=True))
        self.log_covariance_ = estimate.log_covariance
        self.log_likelihood_ = float(estimate.log_likelihood - events * np.log(unit))
        return self


class BuyTillYouDie(Model):
    """A model of customers who buy at a rate of their own until, unseen, they stop.

    frequency: repeat purchases (x in the papers); recency: time from the first to the last purchase (t_x); T: time from
    the first purchase to the end of observation. All three have one entry per customer and one unit of time, in which
    horizons are counted too. `playbook.ltv.summary` makes them from transactions.

    Each model adds `expected_purchases_new_customer(horizon)` and `sample(rng, horizon, frequency, recency, T)`, one
    possible future: purchases of each customer, from what the history leaves open.
    """

    #: Second derivatives of the likelihood, where a model has them.
    _hessian = None

    def fit(self, frequency: Any, recency: Any, T: Any, weights: Any = None) -> Self:
        """Fit the parameters by maximum likelihood; `weights`: customers per row.

        Raises `InputError` for histories that cannot be and `FitError` where the data do not settle the parameters.
        """
        rows, unit = self._rows(frequency, recency, T, weights)
        estimate = maximise(self._likelihood, rows, self.starts, self.names, self._hessian)
        return self._store(estimate, unit, float(rows.weights @ rows.columns[0]))

    def predict(self, horizon: float, frequency: Any, recency: Any, T: Any) -> np.ndarray:
        """Purchases expected of each customer within `horizon` after T, shape (customers,). Raises `InputError`."""
        [horizon] = horizons(horizon)
        rows = histories(frequency, recency, T)
        return self._p_alive(*rows) * self._expected_if_alive(horizon, *rows)

    def p_alive(self, frequency: Any, recency: Any, T: Any) -> np.ndarray:
        """The probability that each customer will still buy, shape (customers,). Raises `InputError`."""
        return self._p_alive(*histories(frequency, recency, T))

    def expected_if_alive(self, horizon: float, frequency: Any, recency: Any, T: Any) -> np.ndarray:
        """`predict` for customers known to be alive: what winning one back is worth is measured by this."""
        [horizon] = horizons(horizon)
        return self._expected_if_alive(horizon, *histories(frequency, recency, T))

    @staticmethod
    def _rows(frequency, recency, T, weights) -> tuple[Rows, float]:
        """The different histories with time counted in mean observation periods, and that unit; enough to fit on."""
        rows = unique_rows(histories(frequency, recency, T), weights)
        (x, t_x, T), weights = rows.columns, rows.weights
        if weights.sum() < 10:
            few = f"{weights.sum():g} customer(s) are too few to fit on; ten would be the least, hundreds are better."
            raise FitError(few, "too_few")
        if weights[x > 0].sum() == 0:
            none = "nobody bought a second time: no rate of buying can be seen. Take a longer history."
            raise FitError(none, "no_repeat")
        unit = float(weights @ T / weights.sum())
        return Rows((x, t_x / unit, T / unit), weights), unit
