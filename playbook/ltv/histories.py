"""Fits of purchase histories (x, t_x, T): what BG/NBD, Pareto/NBD and MBG/CNBD-k have in common."""

from typing import Any, ClassVar, Self

import numpy as np

from playbook.ltv.likelihood import FitError, maximise
from playbook.ltv.model import Model
from playbook.ltv.rows import Rows, histories, unique_rows


class BuyTillYouDie(Model):
    """A model of customers who buy at a rate of their own until, unseen, they stop.

    x: repeat purchases; t_x: time from the first to the last purchase; T: time from the first purchase to the end of
    observation; all three of one length, times in one unit. `weights`: customers per row.
    """

    starts: ClassVar[tuple[tuple[float, ...], ...]]
    #: Second derivatives of the likelihood, where a model has them.
    _curvature = None

    def fit(self, x, t_x, T, weights=None) -> Self:
        """Find the parameters by maximum likelihood. Raises `InputError` or `FitError`, in words."""
        rows, unit = scaled(unique_rows(*histories(x, t_x, T), weights))
        check_enough(rows)
        estimate = maximise(self._likelihood, rows, self.starts, self.names, self._prepared, self._curvature)
        return self._take(estimate, unit, float(rows.weights @ rows.x))

    def p_alive(self, x, t_x, T) -> np.ndarray:
        """The probability that each customer will still buy."""
        raise NotImplementedError

    def expected_purchases(self, horizon: float, x, t_x, T) -> np.ndarray:
        """Purchases expected of each customer within `horizon` after T."""
        return self.p_alive(x, t_x, T) * self.expected_if_alive(horizon, x, t_x, T)

    def expected_if_alive(self, horizon: float, x, t_x, T) -> np.ndarray:
        """The same for a customer known to be alive: the worth of winning one back is measured by this."""
        raise NotImplementedError

    def expected_of_new(self, horizon) -> np.ndarray:
        """Repeat purchases expected of a new customer within each `horizon` after the first purchase."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator, horizon: float, x, t_x, T) -> np.ndarray:
        """One possible future: purchases of each customer within `horizon`, drawn from what the history leaves open."""
        raise NotImplementedError

    def _prepared(self, rows: Rows) -> Any:
        """What the likelihood reads, made once per fit."""
        return rows

    def _likelihood(self, values: np.ndarray, rows: Any) -> tuple[float, np.ndarray]:
        raise NotImplementedError


def scaled(rows: Rows) -> tuple[Rows, float]:
    """The rows with time counted in mean observation periods, and that unit."""
    unit = float(rows.weights @ rows.T / rows.weights.sum()) if len(rows.x) else 1.0
    unit = unit or 1.0
    return rows._replace(t_x=rows.t_x / unit, T=rows.T / unit), unit


def check_enough(rows: Rows) -> None:
    """Enough to fit on, or a `FitError` in words."""
    customers, again = rows.weights.sum(), rows.weights[rows.x > 0].sum()
    if customers < 10:
        raise FitError(
            f"{customers:g} customer(s) are too few to fit on; ten would be the least, hundreds are better.", "too_few"
        )
    if again == 0:
        raise FitError(
            "nobody bought a second time: no rate of buying can be seen. Take a longer history.", "no_repeat"
        )
    if not rows.T.max() > 0:
        raise FitError("all customers first bought on the last day: nothing was observed yet.", "no_time")
