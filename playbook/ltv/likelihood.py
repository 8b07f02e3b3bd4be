"""Maximum likelihood: the parameters under which the data are likeliest, how sure they are, or why there are none."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

#: Rows on which the starts are tried before the best is carried to all rows.
TRIAL_ROWS = 20_000
#: A parameter beyond e**(+-LIMIT), with time counted in mean observation periods, has run away.
LIMIT = 9.0
#: The largest slope, per customer and unit of log parameter, that counts as a summit.
FLAT = 1e-5
#: Starts that are climbed from, of those given; slope and steps at which the rough and the fine climb end.
CLIMBED, ROUGH, ROUGH_STEPS, FINE, FINE_STEPS = 2, 3e-3, 12, 1e-9, 60
#: The largest change of a log parameter in one step, and the step of a difference.
LONGEST, NEAR = 2.0, 1e-5


class FitError(ValueError):
    """The data do not settle the parameters; the message says why and what would do, `code` names it in `text/`."""

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
#: (parameters, rows) -> its second derivatives.
Curvature = Callable[[np.ndarray, Any], np.ndarray]


def maximise(
    likelihood: LogLikelihood,
    rows: Any,
    starts: Sequence[Sequence[float]],
    names: Sequence[str],
    prepare: Callable[[Any], Any] = lambda rows: rows,
    curvature: Curvature | None = None,
) -> Estimate:
    """The summit of a likelihood over positive parameters, climbed from several starts.

    `rows` carries `weights` and `thin(n)`; `prepare` makes of them, once, what the likelihood reads; `curvature` gives
    its second derivatives, which are otherwise taken as differences of the gradient. Raises `FitError` where there is
    no summit: a parameter runs away, the slope stays, or the curvature is not that of a maximum.
    """
    with _one_thread(), np.errstate(all="ignore"):
        some = rows.thin(TRIAL_ROWS)
        objective = _Objective(likelihood, rows, prepare, curvature)
        trial = objective if some is rows else _Objective(likelihood, some, prepare, curvature)
        point = _climb(objective, trial, np.log(np.asarray(starts, float)))
        reached = objective(point)
        bends = objective.bends(point, reached[1]) if curvature else hessian(objective, point)
        _check(point, reached, bends, names)
        total = rows.weights.sum()
        return Estimate(np.exp(point), np.linalg.inv(bends * total), -reached[0] * total)


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()


def _one_thread():
    """Sums do not depend on the number of threads."""
    return _pools().limit(limits=1)


def hessian(objective: Callable, point: np.ndarray, step: float = 1e-4) -> np.ndarray:
    """Second derivatives as central differences of the analytic gradient."""
    steps = step * np.eye(len(point))
    slopes = np.array([(objective(point + h)[1] - objective(point - h)[1]) / (2 * step) for h in steps])
    return (slopes + slopes.T) / 2


def _climb(objective, trial, starts):
    """A rough climb from the best starts on some of the rows, then a fine one from the best of them on all rows."""
    promising = sorted(starts, key=lambda start: trial(start)[0])[:CLIMBED]
    rough = min((_newton(trial, start, ROUGH, ROUGH_STEPS) for start in promising), key=lambda end: trial(end)[0])
    return _newton(objective, rough, FINE, FINE_STEPS)


def _newton(objective, point, flat, most):
    """Newton's method with steps that are shortened until they climb."""
    value, gradient = objective(point)
    for _ in range(most):
        if np.abs(gradient).max() < flat or not np.abs(point).max() < LIMIT:
            break
        step = -_inverse(objective.bends(point, gradient)) @ gradient
        step *= min(1.0, LONGEST / np.abs(step).max())
        point, reached, gradient = _shortened(objective, point, value, gradient, step)
        if not reached < value:
            break
        value = reached
    return point


def _shortened(objective, point, value, gradient, step):
    """The first point along the step, halved again and again, that is enough higher."""
    slope = gradient @ step
    for _ in range(30):
        reached, steepness = objective(point + step)
        if reached <= value + 1e-4 * slope:
            return point + step, reached, steepness
        step, slope = step / 2, slope / 2
    return point, value, gradient


class _Objective:
    """Minus the mean log-likelihood over the logarithms of the parameters, with its slope and its curvature."""

    def __init__(self, likelihood: LogLikelihood, rows: Any, prepare: Callable, curvature: Curvature | None):
        self.likelihood, self.curvature = likelihood, curvature
        self.total, self.ready = rows.weights.sum(), prepare(rows)

    def __call__(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        values = np.exp(np.clip(point, -30, 30))
        value, gradient = self.likelihood(values, self.ready)
        if not np.isfinite(value):
            return 1e10, np.zeros_like(point)
        return -value / self.total, -gradient * values / self.total

    def bends(self, point: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Second derivatives: the model's own, else forward differences, which are good enough for a step."""
        if self.curvature is None:
            slopes = np.array([(self(point + h)[1] - gradient) / NEAR for h in NEAR * np.eye(len(point))])
            return (slopes + slopes.T) / 2
        values = np.exp(np.clip(point, -30, 30))
        return np.diag(gradient) - self.curvature(values, self.ready) * np.outer(values, values) / self.total


def _inverse(curvature):
    """The inverse of the curvature, with flat or wrongly bent directions taken as gently bent."""
    if not np.all(np.isfinite(curvature)):
        return np.eye(len(curvature))
    bends, directions = np.linalg.eigh(curvature)
    return directions / np.maximum(np.abs(bends), 1e-6) @ directions.T


def _check(point, reached, curvature, names):
    if away := [name for name, value in zip(names, point, strict=True) if not abs(value) < LIMIT]:
        raise FitError(_ran_away(away), "ran_away")
    if not np.abs(reached[1]).max() < FLAT:
        raise FitError("the search stopped on a slope; more customers or a longer history would settle it.")
    if not np.linalg.eigvalsh(curvature).min() > 1e-9:
        raise FitError("many parameters explain these customers equally well; a longer history would tell them apart.")


def _ran_away(names):
    return (
        f"the parameter(s) {', '.join(names)} run to zero or infinity: these customers do not differ in the way the"
        " model supposes, or too few have stopped buying to tell how. Take a longer history, or a simpler model."
    )
