"""The forecast: purchases times value per purchase, and how sure it is, from any pair of fitted models."""

from typing import Any, NamedTuple, Self

import numpy as np

from playbook.ltv.histories import Histories
from playbook.ltv.models.base import BuyTillYouDie
from playbook.ltv.models.bg_nbd import BGNBD
from playbook.ltv.models.estimation import FitError
from playbook.ltv.models.gamma_gamma import GammaGamma
from playbook.ltv.models.mbg_cnbd_k import MBGCNBD
from playbook.ltv.models.pareto_nbd import ParetoNBD

MODELS = {model.key: model for model in (BGNBD, ParetoNBD, MBGCNBD)}
DRAWS, CHUNK = 400, 20_000
DAYS_A_YEAR = 365.0


class Discounting(NamedTuple):
    """What turns purchases into value: days ahead, share of a sale that stays, cost of a purchase, yearly discount."""

    horizon_days: float
    margin: float
    cost: float = 0.0
    discount_rate: float = 0.0


class Forecast(NamedTuple):
    """One entry per customer. `orders` undiscounted; `value` per purchase; `future` discounted, margin less cost."""

    p_alive: np.ndarray
    if_alive: np.ndarray
    orders: np.ndarray
    value: np.ndarray
    discount: np.ndarray
    future: np.ndarray


class Intervals(NamedTuple):
    """An interval for each customer, and draws of the total over all of them."""

    low: np.ndarray
    high: np.ndarray
    totals: np.ndarray

    def total(self, level: float = 0.9) -> tuple[float, float]:
        """The interval of the total."""
        low, high = np.quantile(self.totals, [0.5 - level / 2, 0.5 + level / 2])
        return float(low), float(high)


class FixedSpending:
    """Values that are not fitted: `mean` for everybody, or without it each customer's own, as contracts have it."""

    def __init__(self, mean: float | None = None):
        self.mean = mean

    def predict(self, frequency: np.ndarray, monetary: np.ndarray) -> np.ndarray:
        """The value of a purchase of each customer."""
        return np.asarray(monetary, float) if self.mean is None else np.full(len(monetary), self.mean)

    def sample(self, rng: np.random.Generator, purchases: np.ndarray, frequency, monetary) -> np.ndarray:
        """So many purchases at that value."""
        return np.asarray(purchases) * self.predict(frequency, monetary)

    def resampled(self, rng: np.random.Generator) -> Self:
        """Itself: how uncertain it is, is not known."""
        return self

    def to_dict(self) -> dict[str, Any]:
        """The mean as a plain number."""
        if self.mean is None:
            return {"model": "contract_amount", "parameters": {}}
        return {"model": "mean_value", "parameters": {"mean": self.mean}}


def fit_purchases(key: str, history: Histories) -> BuyTillYouDie:
    """One of `MODELS` fitted to the histories. Raises `FitError` in words."""
    model = MODELS[key]()
    gaps = {"log_gaps": history.log_gaps} if isinstance(model, MBGCNBD) else {}
    return model.fit(*history.history, **gaps)


def fit_spending(history: Histories) -> tuple[GammaGamma | FixedSpending, str | None]:
    """Gamma-Gamma, or the plain mean of all purchases and the code of the reason."""
    try:
        model = GammaGamma().fit(history.frequency, history.monetary)
        problem = None if model.is_usable else "infinite_mean"
    except FitError as error:
        problem = error.code
    if problem is None:
        return model, None
    purchases = (history.frequency + 1).sum()
    spent = (history.frequency * history.monetary + history.first_value).sum()
    return FixedSpending(max(float(spent / purchases), 0.0) if purchases else 0.0), problem


def forecast(purchases: Any, spending: Any, history: Histories, discounting: Discounting) -> Forecast:
    """The expected future of every customer; one-time buyers are expected to spend like everybody."""
    p_alive = purchases.p_alive(*history.history)
    if_alive = purchases.expected_if_alive(history.units(discounting.horizon_days), *history.history)
    discount = _mean_discount(purchases, history, discounting, if_alive)
    value = spending.predict(history.frequency, history.monetary)
    orders = p_alive * if_alive
    future = orders * discount * (value * discounting.margin - discounting.cost)
    return Forecast(p_alive, if_alive, orders, value, discount, future)


def prediction_intervals(
    purchases: Any,
    spending: Any,
    history: Histories,
    discounting: Discounting,
    *,
    seed: int = 0,
    draws: int = DRAWS,
    level: float = 0.9,
) -> Intervals:
    """Possible futures drawn: parameters from what the fit leaves open, then each customer's purchases and spending.

    So an interval holds both what is not known of the parameters and what chance will do. A customer's holds the
    expectation as well, which lies above nearly all futures of somebody who is almost certainly gone.
    """
    rng = np.random.default_rng(seed)
    pairs = [(purchases.resampled(rng), spending.resampled(rng)) for _ in range(draws)]
    expected = forecast(purchases, spending, history, discounting)
    horizon, count = history.units(discounting.horizon_days), len(expected.future)
    low, high, totals = np.zeros(count), np.zeros(count), np.zeros(draws)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        rows, monetary = [column[part] for column in history.history], history.monetary[part]
        futures = np.empty((draws, len(monetary)))
        for n, (buying, paying) in enumerate(pairs):
            orders = buying.sample(rng, horizon, *rows)
            spent = paying.sample(rng, orders, rows[0], monetary)
            futures[n] = expected.discount[part] * (spent * discounting.margin - orders * discounting.cost)
        totals += futures.sum(axis=1)
        low[part], high[part] = np.quantile(futures, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return Intervals(np.minimum(low, expected.future), np.maximum(high, expected.future), totals)


def _mean_discount(purchases, history, discounting, expected):
    """The discount of an expected purchase: the integral of discount(t) dN(t), by parts, over N at the horizon.

    A Gauss-Legendre rule with two nodes, and one more for each year.
    """
    rate = np.log1p(discounting.discount_rate) / DAYS_A_YEAR
    if not rate:
        return np.ones(len(expected))
    horizon = discounting.horizon_days
    nodes, weights = np.polynomial.legendre.leggauss(2 + int((horizon - 1) // DAYS_A_YEAR))
    days, weights = horizon * (nodes + 1) / 2, horizon * weights / 2
    ahead = np.array([purchases.expected_if_alive(history.units(day), *history.history) for day in days])
    lost = (weights * rate * np.exp(-rate * days)) @ ahead
    end = np.exp(-rate * horizon)
    return end + np.divide(lost, expected, out=np.zeros(len(expected)), where=expected > 0)
