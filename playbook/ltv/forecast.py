"""The forecast: purchases times value per purchase, and how sure it is, from any pair of fitted models."""

from typing import NamedTuple

import numpy as np

from playbook.ltv.bg_nbd import BGNBD
from playbook.ltv.gamma_gamma import GammaGamma
from playbook.ltv.histories import BuyTillYouDie
from playbook.ltv.inputs import Inputs
from playbook.ltv.likelihood import FitError
from playbook.ltv.mbg_cnbd_k import MBGCNBD
from playbook.ltv.pareto_nbd import ParetoNBD

MODELS = {model.key: model for model in (BGNBD, ParetoNBD, MBGCNBD)}
DRAWS, CHUNK = 400, 20_000
DAYS_A_YEAR = 365.0


class Terms(NamedTuple):
    """What turns purchases into value: days ahead, share of a sale that stays, cost of a purchase, yearly discount."""

    horizon_days: int
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


class Range(NamedTuple):
    """An interval for each customer, and draws of the total over all of them."""

    low: np.ndarray
    high: np.ndarray
    totals: np.ndarray

    def total(self, level: float = 0.9) -> tuple[float, float]:
        """The interval of the total."""
        low, high = np.quantile(self.totals, [0.5 - level / 2, 0.5 + level / 2])
        return float(low), float(high)


class FlatSpending:
    """The mean value of all purchases for everybody: where Gamma-Gamma cannot be fitted, or there is no money."""

    key = "mean_value"

    def __init__(self, mean: float):
        self.mean = float(mean)

    def expected_value(self, x, mean_value) -> np.ndarray:
        """The same for all."""
        return np.full(len(np.asarray(x)), self.mean)

    def draw(self, rng, purchases, x, mean_value) -> np.ndarray:
        """So many purchases at that value."""
        return np.asarray(purchases) * self.mean

    def resampled(self, rng) -> "FlatSpending":
        """Itself: its uncertainty is not known."""
        return self

    def to_dict(self) -> dict:
        """The mean as a plain number."""
        return {"model": self.key, "parameters": {"mean": self.mean}}


def fit_purchases(key: str, found: Inputs) -> BuyTillYouDie:
    """One of `MODELS` fitted to the histories. Raises `FitError` in words."""
    model = MODELS[key]()
    extra = {"log_gaps": float(found.log_gaps.sum())} if isinstance(model, MBGCNBD) else {}
    return model.fit(*found.history, **extra)


def fit_spending(found: Inputs) -> tuple[GammaGamma | FlatSpending, str | None]:
    """Gamma-Gamma, or the plain mean and the code of the reason."""
    try:
        model = GammaGamma().fit(found.x, found.mean_value)
        model.expected_value([0], [0.0])
        return model, None
    except FitError as error:
        return FlatSpending(_plain_mean(found)), error.code


def forecast(purchases: BuyTillYouDie, spending, found: Inputs, terms: Terms) -> Forecast:
    """The expected future of every customer; one-time buyers are expected to spend like everybody."""
    p_alive = purchases.p_alive(*found.history)
    if_alive = _if_alive(purchases, found, terms.horizon_days)
    factor = _mean_discount(purchases, found, terms, if_alive)
    value = spending.expected_value(found.x, found.mean_value)
    orders = p_alive * if_alive
    worth = value * terms.margin - terms.cost
    return Forecast(p_alive, if_alive, orders, value, factor, orders * factor * worth)


def draw_ranges(
    purchases: BuyTillYouDie, spending, found: Inputs, terms: Terms, *, seed: int = 0, draws: int = DRAWS, level=0.9
) -> Range:
    """Possible futures drawn: parameters from what the fit leaves open, then each customer's purchases and spending.

    So an interval holds both what is not known of the parameters and what chance will do. A customer's holds the
    expectation as well, which lies above nearly all futures of somebody who is almost certainly gone.
    """
    rng = np.random.default_rng(seed)
    models = [(_resampled(purchases, rng), _resampled(spending, rng)) for _ in range(draws)]
    expected = forecast(purchases, spending, found, terms)
    factor = expected.discount
    totals, low, high = np.zeros(draws), [], []
    for start in range(0, len(found.x), CHUNK):
        part = slice(start, start + CHUNK)
        drawn = np.array([_draw(pair, found, part, terms, factor[part], rng) for pair in models])
        totals += drawn.sum(axis=1)
        ends = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        low.append(ends[0]), high.append(ends[1])
    low, high = np.minimum(_joined(low), expected.future), np.maximum(_joined(high), expected.future)
    return Range(low, high, totals)


def _draw(pair, found, part, terms, factor, rng):
    purchases, spending = pair
    x, t_x, T = (column[part] for column in found.history)
    count = purchases.draw(rng, found.units(terms.horizon_days), x, t_x, T)
    spent = spending.draw(rng, count, x, found.mean_value[part])
    return factor * (spent * terms.margin - count * terms.cost)


def _resampled(model, rng):
    return model if getattr(model, "log_covariance", 0) is None else model.resampled(rng)


def _if_alive(purchases, found, days):
    return purchases.expected_if_alive(found.units(days), *found.history)


def _nodes(horizon_days):
    """Days and weights of a Gauss-Legendre rule over the horizon: two nodes, and one more for each year."""
    nodes, weights = np.polynomial.legendre.leggauss(2 + int((horizon_days - 1) // DAYS_A_YEAR))
    return horizon_days * (nodes + 1) / 2, horizon_days * weights / 2


def _mean_discount(purchases, found, terms, total):
    """The discount of an expected purchase: the integral of discount(t) dN(t), by parts, over N at the horizon."""
    rate = np.log1p(terms.discount_rate) / DAYS_A_YEAR
    if not rate:
        return np.ones(len(total))
    days, weights = _nodes(terms.horizon_days)
    ahead = np.array([_if_alive(purchases, found, day) for day in days])
    lost = (weights * rate * np.exp(-rate * days)) @ ahead
    end = np.exp(-rate * terms.horizon_days)
    return end + np.divide(lost, total, out=np.zeros(len(total)), where=total > 0)


def _plain_mean(found):
    counts, spent = found.x + 1, found.x * found.mean_value + found.first_value
    return max(float(spent.sum() / counts.sum()), 0.0) if len(counts) else 0.0


def _joined(parts):
    return np.concatenate(parts) if parts else np.zeros(0)
