"""What a customer is worth who has come back: orders after a return, at that customer's own value per order.

Not the remaining value of the forecast: that already holds the chance that the customer is gone.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook.churn.uplift.campaigns import HERE, CampaignSpec
from playbook.ltv.forecasts import fit_spending
from playbook.ltv.histories import Histories
from playbook.stats.effects import normal_interval
from playbook.tables.engine import Table

#: Fewer returns say nothing of what follows a return; then only the returning order itself is counted.
LEAST_RETURNS = 30


class OrdersAfterReturn(NamedTuple):
    """Orders in the `days` from a return on, the returning one included, after so many past returns; 95 % interval."""

    returns: int
    orders: float
    low: float
    high: float
    days: int

    @property
    def enough(self) -> bool:
        """Whether there were returns enough; else `orders` is the returning order alone."""
        return self.returns >= LEAST_RETURNS


def orders_after_return(purchases: Table, *, as_of: date, spec: CampaignSpec) -> OrdersAfterReturn:
    """How customers went on who came back after a silence longer than `lapsed_days`, over `value_days`."""
    params = {"as_of": as_of, "lapsed_days": spec.lapsed_days, "value_days": spec.value_days}
    [(count, mean, squares)] = purchases.engine.run(
        HERE / "orders_after_return.sql", params=params, purchases=purchases
    ).rows()
    if count < LEAST_RETURNS:
        return OrdersAfterReturn(count, 1.0, 1.0, 1.0, spec.value_days)
    error = float(np.sqrt(max(squares / count - mean**2, 0) / (count - 1)))
    low, high = normal_interval(mean, error)
    return OrdersAfterReturn(count, mean, max(1.0, low), high, spec.value_days)


def value_given_return(histories: Histories, after: OrdersAfterReturn) -> pd.Series:
    """Sales to be expected of each customer in the days after a return, by customer_id; holds no chance of being gone.

    `histories` as of `ltv.customer_histories`.
    """
    spending, _ = fit_spending(histories)
    per_order = spending.predict(histories.frequency, histories.monetary)
    return pd.Series(per_order * after.orders, index=pd.Index(histories.customer_id, name="customer_id"))


def natural_return_rate(purchases: Table, *, as_of: date, spec: CampaignSpec) -> float | None:
    """The share of the lapsed who came back within the last horizon, contacted or not; None: nobody lapsed."""
    params = {"as_of": as_of, "horizon_days": spec.horizon_days, "lapsed_days": spec.lapsed_days}
    [(lapsed, returned)] = purchases.engine.run(
        HERE / "natural_return_rate.sql", params=params, purchases=purchases
    ).rows()
    return returned / lapsed if lapsed else None
