"""Maximum likelihood: the parameters under which the data are likeliest, how sure they are, or words on why there are none."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

#: Rows on which the starts are tried before the best is carried to all rows.
TRIAL_ROWS = 20_000
#: A parameter beyond e**(+-LIMIT), with time counted in mean observation periods, has run away.
LIMIT = 9.0
#: The largest slope, per customer and unit of log parameter, that counts as a summit.
FLAT = 1e-5
ROUGH, FINE = {"gtol": 1e-2, "maxiter": 10}, {"gtol": 1e-7, "maxiter": 500}


class FitError(ValueError):
    """The data do not settle the parameters; the message says why and what would do, `code` names the case in `text/`."""

    def __init__(self, message: str, code: str = "no_summit"):
        super().__init__(message)
        self.code = code


class Estimate(NamedTuple):
    """Parameters, the covariance of their logarithms, and the log-likelihood at the summit."""

    values: np.ndarray
    log_covariance: np.ndarray
    log_likelihood: float


#: (parameters, rows) -> the weighted log-likelihood and its gradient.
LogLikelihood = Callable[[np.ndarray, Any], tuple[float, np.ndarray]]


def maximise(likelihood: LogLikelihood, rows: Any, starts: Sequence[Sequence[float]], names: Sequence[str]) -> Estimate:
    """The summit of a likelihood over positive parameters, climbed from several starts.

    `rows` carries `weights` and `thin(n)`. Raises `FitError` where there is no summit: a parameter runs away, the
    slope stays, or the curvature is not that of a maximum.
    """
    with threadpool_limits(1), np.errstate(all="ignore"):
        point = _climb(likelihood, rows, np.log(np.asarray(starts, float)))
        objective = _objective(likelihood, rows)
        curvature = hessian(objective, point)
        _check(point, objective(point), curvature, names)
        total = rows.weights.sum()
        return Estimate(np.exp(point), np.linalg.inv(curvature * total), -objective(point)[0] * total)


def hessian(objective: Callable, point: np.ndarray, step: float = 1e-4) -> np.ndarray:
    """Second derivatives as central differences of the analytic gradient."""
    steps = step * np.eye(len(point))
    slopes = [(objective(point + h)[1] - objective(point - h)[1]) / (2 * step) for h in steps]
    return (np.array(slopes) + np.array(slopes).T) / 2


def _climb(likelihood, rows, starts):
    """A rough climb from every start on some of the rows, then a fine one from the best, on all."""
    trial = _objective(likelihood, rows.thin(TRIAL_ROWS))
    best = min((_bfgs(trial, start, ROUGH) for start in starts), key=_height)
    return _bfgs(_objective(likelihood, rows), best.x, FINE, _inverse(hessian(trial, best.x))).x


def _height(found):
    return np.nan_to_num(found.fun, nan=np.inf)


def _objective(likelihood, rows):
    total = rows.weights.sum()

    def objective(point):
        values = np.exp(np.clip(point, -30, 30))
        value, gradient = likelihood(values, rows)
        if not np.isfinite(value):
            return 1e10, np.zeros_like(point)
        return -value / total, -gradient * values / total

    return objective


def _bfgs(objective, start, effort, inverse=None):
    options = effort if inverse is None else effort | {"hess_inv0": inverse}
    return minimize(objective, start, jac=True, method="BFGS", options=options)


def _inverse(curvature):
    """The inverse of the curvature, with flat or wrongly bent directions taken as gently bent."""
    if not np.all(np.isfinite(curvature)):
        return np.eye(len(curvature))
    bends, directions = np.linalg.eigh(curvature)
    inverse = directions / np.maximum(np.abs(bends), 1e-6) @ directions.T
    return (inverse + inverse.T) / 2


def _check(point, reached, curvature, names):
    if away := [name for name, value in zip(names, point, strict=True) if not abs(value) < LIMIT]:
        raise FitError(_ran_away(away), "ran_away")
    if not np.abs(reached[1]).max() < FLAT:
        raise FitError("the search stopped on a slope; more customers or a longer history would settle it.")
    if not np.linalg.eigvalsh(curvature).min() > 1e-9:
        raise FitError("many parameters explain these customers equally well; a longer history would tell them apart.")


def _ran_away(names):
    return (
        f"the parameter(s) {', '.join(names)} run to zero or infinity: these customers do not differ in the way the model"
        " supposes, or too few have stopped buying to tell how. Take a longer history, or a simpler model."
    )
