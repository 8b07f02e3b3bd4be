"""What a customer is worth who has come back: orders after a return, at that customer's own value per order.

Not the remaining value of the forecast: that already holds the chance that the customer is gone.
"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from playbook import ltv, rfm
from playbook.churn.recall import Terms
from playbook.ltv.inputs import Inputs
from playbook.tables.engine import Table

HERE = Path(__file__).parent
#: Fewer returns say nothing of what follows a return; then only the returning order itself is counted.
LEAST_SEEN = 30


class GivenReturn(NamedTuple):
    """Orders in the `days` from a return on, the returning one included, as seen after so many past returns."""

    returns: int
    orders: float
    low: float
    high: float
    days: int

    @property
    def seen(self) -> bool:
        """Whether there were returns enough; else `orders` is the returning order alone."""
        return self.returns >= LEAST_SEEN


def given_return(orders: Table, customers: Table, *, as_of: date, terms: Terms, level: float = 0.95) -> GivenReturn:
    """How customers went on who came back after a silence longer than `lapsed_days`, over `value_days`."""
    params = {"as_of": as_of, "lapsed_days": terms.lapsed_days, "value_days": terms.value_days}
    counted = rfm.counted(orders, as_of=as_of)
    row = orders.engine.run(HERE / "value_given_return.sql", params=params, counted=counted, customers=customers).df()
    count, mean, squares = int(row.returns[0]), float(row.orders[0] or 0), float(row.squares[0] or 0)
    if count < LEAST_SEEN:
        return GivenReturn(count, 1.0, 1.0, 1.0, terms.value_days)
    error = np.sqrt(max(squares / count - mean**2, 0) / (count - 1))
    half = stats.norm.ppf(0.5 + level / 2) * error
    return GivenReturn(count, mean, float(max(1.0, mean - half)), float(mean + half), terms.value_days)


def worth_of_return(found: Inputs, after: GivenReturn) -> pd.Series:
    """Sales to be expected of each customer in the days after a return, by customer: no chance of being gone in it."""
    spending, _ = ltv.fit_spending(found)
    value = spending.expected_value(found.x, found.mean_value)
    return pd.Series(value * after.orders, index=pd.Index(found.customer_id, name="customer_id"))


def natural_rate(orders: Table, customers: Table, *, as_of: date, terms: Terms) -> float | None:
    """The share of the lapsed who came back within the last horizon, recalled or not; None: nobody lapsed."""
    params = {"as_of": as_of, "horizon_days": terms.horizon_days, "lapsed_days": terms.lapsed_days}
    counted = rfm.counted(orders, as_of=as_of)
    [(lapsed, returned)] = orders.engine.run(
        HERE / "natural_returns.sql", params=params, counted=counted, customers=customers
    ).rows()
    return returned / lapsed if lapsed else None
