"""The customer base in figures: the average buyer, what each tier is worth, how scores meet."""

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

    @property
    def enough(self) -> bool:
        """Whether there are buyers and money enough to speak of an average."""
        return self.buyers >= FEWEST_BUYERS and self.revenue > 0


class Coverage(NamedTuple):
    """The days the orders cover (`days`: up to as_of), the revenue of the window, and the part of it that belongs to
    nobody known."""

    days: int
    first_on: date | None
    last_on: date | None
    revenue: float
    anonymous: float
    priced: int
    identified: int

    @property
    def anonymous_share(self) -> float:
        """The share of the window's revenue without a customer."""
        return float(self.anonymous) / float(self.revenue) if self.revenue else 0.0


def spend(summary: Table) -> Spend:
    """The average spend of the window's buyers, and what it hides."""
    row = summary.engine.run(HERE / "spend.sql", summary=summary).rows()[0]
    return Spend(*(float(value) if place > 1 and value is not None else value for place, value in enumerate(row)))


def buyers(summary: Table) -> pd.DataFrame:
    """The buyers of the window, internal accounts left out: customer_id, recency_days, frequency, monetary."""
    text = """select customer_id, recency_days, frequency, cast(monetary as double) as monetary from summary
        where frequency > 0 and not is_internal order by customer_id"""
    return summary.engine.sql(text, summary=summary).df()


def moved_by_shuffling(values: pd.Series, *, seed: int = 0) -> float:
    """The share of customers who land in another fifth when the same values come in another order.

    That is what ranks without ties do, and what cuts cannot: the reason why scores are made by cuts.
    """
    shuffled = values.iloc[np.random.default_rng(seed).permutation(len(values))]
    fifths = [np.ceil(5 * found.rank(method="first") / max(len(found), 1)) for found in (values, shuffled)]
    return float((fifths[0] != fifths[1].reindex(values.index)).mean()) if len(values) else 0.0


def coverage(orders: Table, *, as_of: date, window_days: int) -> Coverage:
    """What the orders cover, anonymous ones included."""
    params = {"as_of": as_of, "window_start": window_start(as_of, window_days)}
    found = orders.engine.run(HERE / "coverage.sql", params=params, orders=orders).rows()[0]
    return Coverage((as_of - found[0]).days + 1 if found[0] else 0, *found)


def tier_profile(rfm: Table, tiers: Table) -> pd.DataFrame:
    """One row per tier: customers, revenue and their shares, repeat_rate, average_order, median recency_days."""
    return rfm.engine.run(HERE / "tier_profile.sql", rfm=rfm, tiers=tiers).df()


def score_grid(rfm: Table, tiers: Table) -> pd.DataFrame:
    """One row per r_score and f_score that occurs: customers, revenue."""
    return rfm.engine.run(HERE / "score_grid.sql", rfm=rfm, tiers=tiers).df()
