"""From sales to value: margin, cost to serve, what referred customers bring, what winning customers cost."""

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.ltv.forecast import Terms
from playbook.ltv.inputs import Inputs
from playbook.tables.engine import Table

HERE = Path(__file__).parent
YEAR = timedelta(days=365)


class Economics(NamedTuple):
    """Margin of a sale, cost to serve a purchase; and whether each was measured: lines or costs, else the profile."""

    margin: float
    cost: float
    margin_from: str
    cost_from: str


def economics(run) -> Economics:
    """Margin from line costs and cost to serve from costs or events where there are, else the profile's."""
    margin, margin_from = _margin(run)
    purchases, service = _service(run)
    if service > 0 and purchases > 0:
        return Economics(margin, service / purchases, margin_from, "costs")
    return Economics(margin, run.profile.ltv.cost_to_serve, margin_from, "profile")


def terms(found: Economics, ltv) -> Terms:
    """The terms of a forecast over the profile's horizon."""
    return Terms(ltv.horizon_days, found.margin, found.cost, ltv.discount_rate)


def spending(run, until: date | None = None) -> pd.DataFrame:
    """One row per customer, those who never bought included: net spend and purchases over all time, is_internal."""
    table = rfm.spending(run.table("orders"), run.table("customers"), as_of=until or run.as_of)
    frame = table.df()[["customer_id", "monetary", "orders_ever", "first_ordered_on", "is_internal"]]
    return frame.sort_values("customer_id", ignore_index=True)


def past_cents(spent: pd.DataFrame, found: Economics) -> np.ndarray:
    """What each customer has left so far, in cents: net spend times margin, less the cost to serve."""
    net, orders = spent.monetary.fillna(0).to_numpy(float), spent.orders_ever.fillna(0).to_numpy(float)
    return cents(net * found.margin - orders * found.cost)


def referral_cents(run, ids: np.ndarray, own: np.ndarray) -> np.ndarray:
    """What referrals move between customers, in cents: a part of each referred customer's own value, where positive.

    It is taken off the referred and credited to who brought them, so that all moves add up to nothing.
    """
    table = run.engine.run(HERE / "referrals.sql", params={"as_of": run.as_of}, referrals=run.table("referrals"))
    pairs, place = table.df(), pd.Series(np.arange(len(ids)), index=ids)
    known = pairs[pairs.referee_id.isin(place.index) & pairs.referrer_id.isin(place.index)]
    to, of = place[known.referrer_id].to_numpy(int), place[known.referee_id].to_numpy(int)
    moved = _half_up(np.maximum(own[of], 0) * run.profile.ltv.referral_share)
    out = np.zeros(len(ids), np.int64)
    np.add.at(out, to, moved)
    np.subtract.at(out, of, moved)
    return out


def acquisition(run, ltv: Table, firsts: pd.DataFrame, *, months: int = 12) -> pd.DataFrame:
    """One row per channel and month of first purchase, the last `months`: customers, their value, what they cost."""
    since = (pd.Timestamp(run.as_of) - pd.DateOffset(months=months - 1)).replace(day=1).date()
    tables = {"ltv": ltv, "firsts": run.engine.frame(firsts), "customers": run.table("customers")}
    params = {"as_of": run.as_of, "since": since}
    return run.engine.run(HERE / "acquisition.sql", params=params, costs=run.table("costs"), **tables).df()


def firsts(found: Inputs) -> pd.DataFrame:
    """One row per buyer: customer_id, first_on."""
    return pd.DataFrame({"customer_id": found.customer_id, "first_on": found.first_on.astype("datetime64[s]")})


def cents(amounts) -> np.ndarray:
    """Amounts in whole cents, half away from zero."""
    return _half_up(100 * np.asarray(amounts, float))


def _half_up(values):
    values = np.round(values, 6)
    return (np.sign(values) * np.floor(np.abs(values) + 0.5)).astype(np.int64)


def _margin(run):
    tables = {"order_lines": run.table("order_lines"), "orders": run.table("orders")}
    sold, cost, _ = run.engine.run(HERE / "margin.sql", params={"as_of": run.as_of}, **tables).rows()[0]
    if cost > 0 and sold > cost:
        return 1 - cost / sold, "lines"
    return run.profile.ltv.margin, "profile"


def _service(run):
    counted = rfm.counted(run.table("orders"), as_of=run.as_of)
    tables = {"counted": counted, "costs": run.table("costs"), "events": run.table("events")}
    params = {"as_of": run.as_of, "since": run.as_of - YEAR}
    return run.engine.run(HERE / "service.sql", params=params, **tables).rows()[0]
