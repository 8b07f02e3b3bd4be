"""What all models share: parameters as plain numbers, their standard errors, JSON, draws of what data leave open."""

import json
from typing import Any, ClassVar, Self

import numpy as np

from playbook.ltv.likelihood import Estimate, FitError

#: So often are parameters drawn again where those drawn give no forecast.
MOST_TRIES = 100


class Model:
    """A model with named positive parameters: given to the constructor, or found by `fit`."""

    key: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    #: Parameters that are times or rates of time, and so carry its unit.
    timed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **parameters: float):
        if parameters and set(parameters) != set(self.names):
            raise TypeError(f"{type(self).__name__} has the parameters {self.names}; found {tuple(parameters)}.")
        self.parameters = {name: float(parameters[name]) for name in self.names if parameters}
        self.log_covariance: np.ndarray | None = None
        self.log_likelihood: float | None = None

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value:.4g}" for name, value in self.parameters.items())
        return f"{type(self).__name__}({inside})"

    @property
    def values(self) -> np.ndarray:
        """The parameters in the order of `names`; `FitError` before a fit."""
        if not self.parameters:
            raise FitError(f"{type(self).__name__} has no parameters yet; call fit, or give them to the constructor.")
        return np.array([self.parameters[name] for name in self.names])

    @property
    def is_usable(self) -> bool:
        """Whether the parameters give a forecast: all finite and above zero."""
        return bool(np.all(np.isfinite(self.values) & (self.values > 0)))

    @property
    def standard_errors(self) -> dict[str, float]:
        """The standard error of each parameter, by the delta method from that of its logarithm."""
        errors = self.values * np.sqrt(np.diag(self.log_covariance))
        return dict(zip(self.names, errors.tolist(), strict=True))

    def interval(self, level: float = 0.9) -> dict[str, tuple[float, float]]:
        """The confidence interval of each parameter, symmetric on the logarithmic scale, its most normal one."""
        from scipy.special import ndtri

        reach = ndtri(0.5 + level / 2) * np.sqrt(np.diag(self.log_covariance))
        low, high = self.values * np.exp(-reach), self.values * np.exp(reach)
        return {name: (float(a), float(b)) for name, a, b in zip(self.names, low, high, strict=True)}

    def resampled(self, rng: np.random.Generator) -> Self:
        """The same model with parameters drawn from what the data leave open, and under which there is a forecast."""
        factor = np.linalg.cholesky(self.log_covariance)
        for _ in range(MOST_TRIES):
            drawn = self._with(self.values * np.exp(factor @ rng.standard_normal(len(self.names))))
            if drawn.is_usable:
                return drawn
        return self

    def to_json(self) -> str:
        """The model as JSON: name, parameters, covariance, log-likelihood."""
        return json.dumps(self.to_dict(), sort_keys=True)

    def to_dict(self) -> dict[str, Any]:
        """The model as plain numbers."""
        covariance = None if self.log_covariance is None else self.log_covariance.tolist()
        return {
            "model": self.key,
            "parameters": self.parameters,
            "log_covariance": covariance,
            "log_likelihood": self.log_likelihood,
        }

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model that `to_json` wrote."""
        return cls.from_dict(json.loads(text))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The model that `to_dict` gave."""
        model = cls(**data["parameters"])
        if data["log_covariance"] is not None:
            model.log_covariance = np.array(data["log_covariance"])
        model.log_likelihood = data["log_likelihood"]
        return model

    def _with(self, values: np.ndarray) -> Self:
        return type(self)(**dict(zip(self.names, values.tolist(), strict=True)))

    def _take(self, estimate: Estimate, unit: float = 1.0, events: float = 0.0) -> Self:
        """Store an estimate made with time counted in `unit`s, in which `events` purchases were dated."""
        scale = np.where([name in self.timed for name in self.names], unit, 1.0)
        self.parameters = dict(zip(self.names, (estimate.values * scale).tolist(), strict=True))
        self.log_covariance = estimate.log_covariance
        self.log_likelihood = float(estimate.log_likelihood - events * np.log(unit))
        return self
