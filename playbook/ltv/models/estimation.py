"""Maximum likelihood on the different histories among many customers, and the checks of what goes in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import ThreadpoolController

#: Rows on which the starts are tried before the best is carried to all rows.
TRIAL_ROWS = 20_000
#: A parameter beyond e**(+-LIMIT), with time counted in mean observation periods, has run away.
LIMIT = 9.0
#: The largest gradient, per customer and log parameter, that still counts as an optimum.
FLAT = 1e-5
#: Starts that are followed, of those given; gradient and steps at which the rough and the fine search end.
FOLLOWED, ROUGH, FINE = 2, (3e-3, 12), (1e-9, 60)
#: The largest change of a log parameter in one step.
LONGEST = 2.0
THREADPOOLS = ThreadpoolController()


class InputError(ValueError):
    """Input that cannot be; the message says which row and what would do."""


class FitError(ValueError):
    """The data do not settle the parameters; the message says why and what would do, `code` names it in `text/`."""

    def __init__(self, message: str, code: str = "no_optimum"):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Rows:
    """Different rows of the data in ascending order, column by column, and how many customers share each."""

    columns: tuple[np.ndarray, ...]
    weights: np.ndarray

    def thin(self, limit: int) -> "Rows":
        """At most about `limit` rows, evenly spaced: enough to start from."""
        every = -(-len(self.weights) // limit)
        return self if every <= 1 else Rows(tuple(column[::every] for column in self.columns), self.weights[::every])

    @cached_property
    def repeaters(self) -> "Rows":
        """The rows with a repeat purchase."""
        keep = self.columns[0] > 0
        return Rows(tuple(column[keep] for column in self.columns), self.weights[keep])

    @cached_property
    def counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Each number of repeat purchases that occurs, with its customers."""
        count = np.bincount(self.columns[0].astype(np.int64), weights=self.weights)
        return np.flatnonzero(count), count[count > 0]


class Estimate(NamedTuple):
    """Parameters, the covariance of their logarithms, and the log-likelihood at the optimum."""

    values: np.ndarray
    log_covariance: np.ndarray
    log_likelihood: float


def numbers(**columns: Any) -> list[np.ndarray]:
    """The columns as float arrays. `InputError`, in their names, where lengths differ or a value is missing."""
    arrays = {name: np.atleast_1d(np.asarray(column, float)) for name, column in columns.items()}
    lengths = [str(len(array)) for array in arrays.values()]
    if len(set(lengths)) > 1:
        raise InputError(f"{_and(arrays)} must be of one length; they have {_and(lengths)} values.")
    refuse(
        ~np.all([np.isfinite(array) for array in arrays.values()], axis=0), f"{_and(arrays)} must be numbers", arrays
    )
    return list(arrays.values())


def refuse(wrong: np.ndarray, message: str, arrays: dict[str, np.ndarray]) -> None:
    """`InputError` with the message and the first row that is wrong."""
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"{message}; row {row} has {', '.join(f'{n}={a[row]:g}' for n, a in arrays.items())}.")


def histories(frequency: Any, recency: Any, T: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeat purchases, time of the last and time observed as checked float arrays of one length.

    `InputError` for lengths that differ, missing or negative values, a fraction of a purchase, a last purchase after
    the end, and a repeat purchase at time 0.
    """
    x, t_x, T = numbers(frequency=frequency, recency=recency, T=T)
    arrays = {"frequency": x, "recency": t_x, "T": T}
    refuse((x < 0) | (x != np.floor(x)), "frequency counts repeat purchases: 0, 1, 2, ...", arrays)
    refuse(
        (t_x < 0) | (t_x > T * (1 + 1e-12)), "recency, the time of the last purchase, must lie between 0 and T", arrays
    )
    early = "a repeat purchase needs time after the first; count one purchase per customer and day"
    refuse((x > 0) & (t_x == 0), early, arrays)
    return x, t_x, T


def horizons(horizon: Any) -> np.ndarray:
    """One or more horizons as an array; `InputError` where one is negative or missing."""
    [t] = numbers(horizon=horizon)
    refuse(t < 0, "a horizon is a time from now on, so 0 or more", {"horizon": t})
    return t


def unique_rows(columns: Sequence[np.ndarray], weights: Any = None) -> Rows:
    """The different rows among checked columns, with the sum of `weights` (customers per row) of each."""
    if weights is not None:
        weights, _ = numbers(weights=weights, rows=np.arange(len(columns[0])))
        refuse(weights < 0, "weights count the customers of a row, so 0 or more", {"weights": weights})
    index, different = _unique(columns)
    count = np.bincount(index, weights=weights, minlength=len(different[0]))
    return Rows(different, count.astype(float))


def by_unique(function: Callable[..., np.ndarray], *columns: np.ndarray) -> np.ndarray:
    """`function(*columns)`, computed once for each different row: millions of customers are a few thousand rows."""
    index, different = _unique(columns)
    return function(*different)[index]


def maximise(
    likelihood: Callable[[np.ndarray, Rows], tuple[float, np.ndarray]],
    rows: Rows,
    starts: Sequence[Sequence[float]],
    names: Sequence[str],
    hessian: Callable[[np.ndarray, Rows], np.ndarray] | None = None,
) -> Estimate:
    """The optimum of a likelihood over positive parameters, searched from several starts.

    `likelihood(parameters, rows)` gives the weighted log-likelihood and its gradient, `hessian` its second derivatives,
    which are otherwise taken as differences of the gradient. Raises `FitError` where there is no optimum: a parameter
    runs away, the gradient stays, or the Hessian is not that of a maximum.
    """
    with THREADPOOLS.limit(limits=1), np.errstate(all="ignore"):  # sums do not depend on the number of threads
        objective = _Objective(likelihood, rows, hessian)
        trial = _Objective(likelihood, rows.thin(TRIAL_ROWS), hessian)
        promising = sorted(np.log(np.asarray(starts, float)), key=lambda start: trial(start)[0])[:FOLLOWED]
        rough = min((_optimise(trial, start, *ROUGH) for start in promising), key=lambda point: trial(point)[0])
        point = _optimise(objective, rough, *FINE)
        value, gradient = objective(point)
        second = objective.hessian(point, gradient) if hessian else _central_differences(objective, point)
        _check(point, gradient, second, names)
        return Estimate(np.exp(point), np.linalg.inv(second * objective.total), -value * objective.total)


class _Objective:
    """Minus the mean log-likelihood over the logarithms of the parameters, with its gradient and its Hessian."""

    def __init__(self, likelihood, rows, hessian):
        self.likelihood, self.rows, self.second = likelihood, rows, hessian
        self.total = rows.weights.sum()

    def __call__(self, point):
        values = np.exp(np.clip(point, -30, 30))
        value, gradient = self.likelihood(values, self.rows)
        if not np.isfinite(value):
            return 1e10, np.zeros_like(point)
        return -value / self.total, -gradient * values / self.total

    def hessian(self, point, gradient):
        """The model's own second derivatives, else forward differences, which are good enough for a step."""
        if self.second is None:
            slopes = np.array([(self(point + h)[1] - gradient) / 1e-5 for h in 1e-5 * np.eye(len(point))])
            return (slopes + slopes.T) / 2
        values = np.exp(np.clip(point, -30, 30))
        return np.diag(gradient) - self.second(values, self.rows) * np.outer(values, values) / self.total


def _optimise(objective, point, flat, most):
    """Newton's method with steps halved until they lead down. scipy's `trust-exact` takes twice the time."""
    value, gradient = objective(point)
    for _ in range(most):
        if np.abs(gradient).max() < flat or not np.abs(point).max() < LIMIT:
            break
        step = -_inverse(objective.hessian(point, gradient)) @ gradient
        step *= min(1.0, LONGEST / np.abs(step).max())
        for part in 0.5 ** np.arange(30):
            lower, slopes = objective(point + part * step)
            if lower <= value + 1e-4 * part * (gradient @ step):
                break
        else:
            break
        point = point + part * step
        if not lower < value:
            break
        value, gradient = lower, slopes
    return point


def _inverse(hessian):
    """The inverse of the Hessian, with flat or wrongly bent directions taken as gently bent."""
    if not np.all(np.isfinite(hessian)):
        return np.eye(len(hessian))
    curvatures, directions = np.linalg.eigh(hessian)
    return directions / np.maximum(np.abs(curvatures), 1e-6) @ directions.T


def _central_differences(objective, point, step=1e-4):
    """Second derivatives as differences of the gradient, for the covariance."""
    steps = step * np.eye(len(point))
    slopes = np.array([(objective(point + h)[1] - objective(point - h)[1]) / (2 * step) for h in steps])
    return (slopes + slopes.T) / 2


def _check(point, gradient, hessian, names):
    if away := [name for name, value in zip(names, point, strict=True) if not abs(value) < LIMIT]:
        raise FitError(
            f"the parameter(s) {', '.join(away)} run to zero or infinity: these customers do not differ in the way the"
            " model supposes, or too few have stopped buying to tell how. Take a longer history, or a simpler model.",
            "ran_away",
        )
    if not np.abs(gradient).max() < FLAT:
        raise FitError("the search stopped on a slope; more customers or a longer history would settle it.")
    if not np.linalg.eigvalsh(hessian).min() > 1e-9:
        raise FitError("many parameters explain these customers equally well; a longer history would tell them apart.")


def _unique(columns):
    """The place of each row among the different rows, and those, in ascending order."""
    codes, values = zip(*(pd.factorize(np.asarray(column), sort=True) for column in columns), strict=True)
    sizes = [max(len(value), 1) for value in values]
    index, different = pd.factorize(np.ravel_multi_index(codes, sizes), sort=True)
    places = np.unravel_index(different, sizes)
    return index, tuple(value[place] for value, place in zip(values, places, strict=True))


def _and(words):
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
