"""The customer base in figures: the average buyer, what hangs on how few, what each tier is worth, how scores meet."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.rfm.summary import window_start
from playbook.tables.engine import Table

HERE = Path(__file__).parent

#: Fewer buyers than this, and there is nothing to say about how spend is spread.
FEWEST_BUYERS = 30
TOP_SHARES = (0.01, 0.08, 0.20)


class Spend(NamedTuple):
    """The average buyer of the window; `below_mean` is the share of buyers who spent less than the mean, `once` the
    share who bought once."""

    buyers: int
    orders: int
    revenue: float
    mean: float | None
    median: float | None
    average_order: float | None
    below_mean: float | None
    once: float | None


class Coverage(NamedTuple):
    """The days the orders cover (`days`: up to as_of), the revenue of the window, the part of it that belongs to
    nobody known, and how many orders carry an amount."""

    days: int
    first_on: date | None
    revenue: float
    anonymous: float
    priced: int


class Concentration(NamedTuple):
    """Over the whole observed history: buyers, their revenue, the Gini coefficient of their spend (0: all alike), and
    the share of the revenue that the top 1, 8 and 20 % of them bring (None where there is no revenue to share)."""

    buyers: int
    revenue: float
    gini: float | None
    top: dict[float, float | None]


def spend(summary: Table) -> Spend:
    """The average spend of the window's buyers, and what it hides."""
    row = summary.engine.run(HERE / "spend.sql", summary=summary).rows()[0]
    return Spend(*row[:2], *(None if value is None else float(value) for value in row[2:]))


def concentration(spending: Table, shares: tuple[float, ...] = TOP_SHARES) -> Concentration:
    """Measure it on `rfm.spending(...)`: internal customers and people who never bought are left out."""
    buyers, revenue, gini = spending.engine.run(HERE / "gini.sql", summary=spending).rows()[0]
    asked = spending.engine.frame(pd.DataFrame({"share": shares}))
    rows = spending.engine.run(HERE / "top_shares.sql", summary=spending, shares=asked).rows()
    return Concentration(buyers, float(revenue), gini, {share: part for share, _, part in rows})


def is_enough(figures: Spend | Concentration) -> bool:
    """Whether there are buyers and money enough to speak of an average, or of concentration."""
    return figures.buyers >= FEWEST_BUYERS and figures.revenue > 0


def lorenz(spending: Table) -> pd.DataFrame:
    """The Lorenz curve in at most 100 steps: customers_share, revenue_share, smallest spend first."""
    return spending.engine.run(HERE / "lorenz.sql", summary=spending).df()


def buyers(summary: Table) -> pd.DataFrame:
    """The buyers of the window, internal accounts left out: customer_id, recency_days, frequency, monetary."""
    text = """select customer_id, recency_days, frequency, cast(monetary as double) as monetary from summary
        where frequency > 0 and not is_internal order by customer_id"""
    return summary.engine.sql(text, summary=summary).df()


def moved_by_shuffling(values: pd.Series, *, seed: int = 0) -> float:
    """The share of customers who land in another fifth when the same values come in another order.

    That is what ranks without ties do, and what cuts cannot: the reason why scores are made by cuts.

    >>> moved_by_shuffling(pd.Series(range(100)))
    0.0
    """
    shuffled = values.iloc[np.random.default_rng(seed).permutation(len(values))]
    before, after = (np.ceil(5 * order.rank(method="first") / max(len(order), 1)) for order in (values, shuffled))
    return float((before != after.reindex(values.index)).mean()) if len(values) else 0.0


def coverage(orders: Table, *, as_of: date, window_days: int) -> Coverage:
    """What the orders cover, anonymous ones included."""
    params = {"as_of": as_of, "window_start": window_start(as_of, window_days)}
    first_on, *row = orders.engine.run(HERE / "coverage.sql", params=params, orders=orders).rows()[0]
    return Coverage((as_of - first_on).days + 1 if first_on else 0, first_on, *row)


def tier_profile(rfm: Table, tiers: Table) -> pd.DataFrame:
    """One row per tier: customers, revenue and their shares, repeat_rate, average_order, median recency_days."""
    return rfm.engine.run(HERE / "tier_profile.sql", rfm=rfm, tiers=tiers).df()


def score_grid(rfm: Table, tiers: Table) -> pd.DataFrame:
    """One row per r_score and f_score that occurs: customers, revenue."""
    return rfm.engine.run(HERE / "score_grid.sql", rfm=rfm, tiers=tiers).df()
