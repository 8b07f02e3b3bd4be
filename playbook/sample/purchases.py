"""When each person buys, and for how much: regular buyers and others, seasons, 8 % who bring 60 % of the revenue."""

import numpy as np
import pandas as pd

from playbook.sample.seasons import Horizon, everyday, moments, promotions_only, reach

EVENNESS = 25.0  # shape of a regular buyer's gaps: they vary by a fifth
TOP_BUYERS, THEIR_REVENUE = 0.08, 0.60
MEDIAN_SPEND = 110.0  # yuan per order of the median person
ORDER_SPREAD = 0.45  # of log spend, from order to order of one person


def purchase_moments(rng, people: pd.DataFrame, h: Horizon) -> pd.DataFrame:
    """One row per purchase: person, day (a float), ordered by both."""
    stop = np.minimum(people.dropped_out, h.all_days - 0.01)
    regular, seasonal = people.segment.isin(["regular", "staff"]), people.segment == "seasonal"
    irregular = people.segment.isin(["irregular", "lapsed"])
    parts = [
        pd.DataFrame({"person": people.index, "day": people.first_at}).dropna(),
        _clockwork(rng, people[regular], stop[regular]),
        _poisson(rng, people[irregular], stop[irregular], everyday(h)),
        _poisson(rng, people[seasonal], stop[seasonal], promotions_only(h)),
    ]
    return pd.concat(parts).sort_values(["person", "day"], ignore_index=True)


def _clockwork(rng, people, stop):
    gap = (365 / people.orders_per_year).to_numpy()
    rounds = int(np.ceil(1.5 * stop.max() / gap.min())) + 2
    gaps = gap[:, None] * rng.gamma(EVENNESS, 1 / EVENNESS, (len(people), rounds))
    days = people.first_at.to_numpy()[:, None] + np.cumsum(gaps, axis=1)
    row, turn = np.nonzero(days < stop.to_numpy()[:, None])
    return pd.DataFrame({"person": people.index[row], "day": days[row, turn]})


def _poisson(rng, people, stop, curve):
    exposure = reach(curve, stop) - reach(curve, people.first_at)
    counts = rng.poisson(people.orders_per_year * np.maximum(exposure, 0) / 365)
    bought = people.index.repeat(counts)
    return pd.DataFrame({"person": bought, "day": moments(rng, curve, people.first_at[bought], stop[bought])})


def core_lift(orders: pd.DataFrame, buyers: int) -> float:
    """How much more the core customers must spend per order (in log) for the top 8 % of `buyers` to bring 60 %.

    One row per purchase: person, log_spend and is_core of the person, noise of the order, kept (share not returned).
    """
    top = max(1, round(TOP_BUYERS * buyers))
    low, high = 0.0, 5.0
    for _ in range(24):
        middle = (low + high) / 2
        spent = np.sort(np.bincount(orders.person, relative_spend(orders, middle) * orders.kept))
        enough = spent[-top:].sum() / spent.sum() >= THEIR_REVENUE
        low, high = (low, middle) if enough else (middle, high)
    return (low + high) / 2


def relative_spend(orders: pd.DataFrame, lift: float) -> np.ndarray:
    """What each purchase costs, as a multiple of `MEDIAN_SPEND`."""
    return (np.exp(orders.log_spend + lift * orders.is_core) * orders.noise).to_numpy()


def mean_spend(log_spend, is_core, lift: float) -> np.ndarray:
    """The person's expected amount per order, in yuan."""
    return MEDIAN_SPEND * np.exp(np.asarray(log_spend) + lift * np.asarray(is_core) + ORDER_SPREAD**2 / 2)
