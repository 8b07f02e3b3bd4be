"""Concentration: how much of the revenue a small part of the buyers brings."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.rfm.base import FEWEST_BUYERS
from playbook.tables.engine import Table

HERE = Path(__file__).parent
TOP_SHARES = (0.01, 0.08, 0.20)


class Concentration(NamedTuple):
    """Over the whole observed history: buyers, their revenue, the Gini coefficient of their spend, and the share of the
    revenue that the top 1, 8 and 20 % of them bring (None where there is no revenue to share)."""

    buyers: int
    revenue: float
    gini: float | None
    top: dict[float, float | None]

    @property
    def enough(self) -> bool:
        """Whether there are buyers and money enough to speak of concentration."""
        return self.buyers >= FEWEST_BUYERS and self.revenue > 0


def concentration(spending: Table, shares: tuple[float, ...] = TOP_SHARES) -> Concentration:
    """Measure it on `rfm.spending(...)`: internal customers and people who never bought are left out."""
    buyers, revenue, gini = spending.engine.run(HERE / "gini.sql", summary=spending).rows()[0]
    asked = spending.engine.frame(pd.DataFrame({"share": shares}))
    rows = spending.engine.run(HERE / "top_shares.sql", summary=spending, shares=asked).rows()
    return Concentration(buyers, float(revenue), gini, {share: part for share, _, part in rows})


def lorenz(spending: Table) -> pd.DataFrame:
    """The Lorenz curve in at most 100 steps: customers_share, revenue_share, smallest spend first."""
    return spending.engine.run(HERE / "lorenz.sql", summary=spending).df()
