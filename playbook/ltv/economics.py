"""From sales to value: margin, cost to serve, what referred customers bring, what winning customers cost."""

from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from playbook.ltv.forecasts import Discounting
from playbook.ltv.histories import Histories
from playbook.tables.engine import Table
from playbook.tables.purchases import purchases

HERE = Path(__file__).parent
YEAR = timedelta(days=365)


class UnitEconomics(NamedTuple):
    """Margin of a sale, cost to serve a purchase; and whether each was measured: lines or costs, else the profile."""

    margin: float
    cost: float
    margin_from: str
    cost_from: str

    def discounting(self, ltv: Any) -> Discounting:
        """The terms of a forecast over the profile's horizon."""
        return Discounting(ltv.horizon_days, self.margin, self.cost, ltv.discount_rate)


def unit_economics(run) -> UnitEconomics:
    """Margin from line costs and cost to serve from costs or events where there are, else the profile's."""
    ltv, orders, customers = run.profile.ltv, run.table("orders"), run.table("customers")
    params = {"as_of": run.as_of, "since": run.as_of - YEAR}
    tables = {"order_lines": run.table("order_lines"), "orders": orders}
    [(sold, spent, _)] = run.engine.run(HERE / "margin.sql", params={"as_of": run.as_of}, **tables).rows()
    margin, margin_from = (1 - spent / sold, "lines") if 0 < spent < sold else (ltv.margin, "profile")
    all_purchases = purchases(orders, customers, as_of=run.as_of, internal=True)  # serving them costs as much
    tables = {"purchases": all_purchases, "costs": run.table("costs"), "events": run.table("events")}
    [(count, service)] = run.engine.run(HERE / "service.sql", params=params, **tables).rows()
    cost, cost_from = (service / count, "costs") if service > 0 and count > 0 else (ltv.cost_to_serve, "profile")
    return UnitEconomics(margin, cost, margin_from, cost_from)


def referral_cents(run, customer_id: np.ndarray, own: np.ndarray) -> np.ndarray:
    """What referrals move between customers, in cents: a part of each referred customer's own value, where positive.

    It is taken off the referred and credited to who brought them, so that all moves add up to nothing.
    """
    table = run.engine.run(HERE / "referrals.sql", params={"as_of": run.as_of}, referrals=run.table("referrals"))
    pairs, place = table.df(), pd.Series(np.arange(len(customer_id)), index=customer_id)
    pairs = pairs[pairs.referee_id.isin(place.index) & pairs.referrer_id.isin(place.index)]
    referrer, referee = place[pairs.referrer_id].to_numpy(int), place[pairs.referee_id].to_numpy(int)
    moved = half_up(np.maximum(own[referee], 0) * run.profile.ltv.referral_share)
    referral = np.zeros(len(customer_id))
    np.add.at(referral, referrer, moved)
    np.subtract.at(referral, referee, moved)
    return referral


def acquisition(run, ltv: Table, history: Histories, *, months: int = 12) -> pd.DataFrame:
    """One row per channel and month of first purchase, the last `months`: customers, their value, what they cost."""
    since = (pd.Timestamp(run.as_of) - pd.DateOffset(months=months - 1)).replace(day=1).date()
    firsts = pd.DataFrame({"customer_id": history.customer_id, "first_on": history.first_on.astype("datetime64[s]")})
    tables = {"ltv": ltv, "histories": run.engine.frame(firsts), "customers": run.table("customers")}
    params = {"as_of": run.as_of, "since": since}
    return run.engine.run(HERE / "acquisition.sql", params=params, costs=run.table("costs"), **tables).df()


def channels(acquisition: pd.DataFrame) -> pd.DataFrame:
    """One row per channel with a cost: customers, value and cost of each, value over cost; from `acquisition`."""
    columns = ["customers", "past_value", "future_value", "cost"]
    sums = acquisition[acquisition.cost.notna()].groupby("channel", as_index=False)[columns].sum()
    sums = sums.query("customers > 0 and cost > 0")
    each, cost = (sums.past_value + sums.future_value) / sums.customers, sums.cost / sums.customers
    frame = sums[["channel", "customers"]].assign(ltv=each, cac=cost, ltv_to_cac=each / cost)
    return frame.sort_values(["ltv_to_cac", "channel"], ascending=[False, True], ignore_index=True)


def half_up(values: Any) -> np.ndarray:
    """Rounded to whole numbers, half away from zero; NaN stays."""
    values = np.round(np.asarray(values, float), 6)
    return np.sign(values) * np.floor(np.abs(values) + 0.5) + 0.0  # no -0.0
