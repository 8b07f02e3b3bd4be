"""History: the tier of every customer at each month-end, with frozen cuts, and who moved where."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from playbook.engine import Table
from playbook.rfm.summary import counted, window_start

HERE = Path(__file__).parent

#: Month-ends in a history: as_of and the ends of the twelve months before it.
MONTHS = 12


def month_ends(as_of: date, *, first_day: date, window_days: int, months: int = MONTHS) -> list[date]:
    """`as_of` and the ends of the months before it, as far back as the orders fill the whole window."""
    ends = [as_of]
    while len(ends) <= months:
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return [end for end in reversed(ends) if end == as_of or window_start(end, window_days) >= first_day]


def history(orders: Table, customers: Table, *, ends: list[date], window_days: int) -> Table:
    """One row per customer and month-end: as_of and the columns of the summary, as they stood on that day.

    All month-ends in one pass. A customer is in it from the day they registered or first ordered.
    """
    engine, counts = orders.engine, counted(orders, as_of=ends[-1])
    first = _first_day(counts, ends)
    return engine.run(
        HERE / "history.sql",
        params={"steps": len(ends), "first_day": first},
        counted=counts,
        customers=customers,
        calendar=engine.frame(_calendar(first, ends, window_days)),
        month_ends=engine.frame(pd.DataFrame({"as_of": ends, "step": range(len(ends))})),
    )


def ends_of(rfm_history: Table) -> list[date]:
    """The month-ends that a history holds, in order."""
    text = "select distinct as_of from rfm_history order by as_of"
    return [day for (day,) in rfm_history.engine.sql(text, rfm_history=rfm_history).rows()]


def tier_shares(rfm_history: Table, tiers: Table) -> Table:
    """One row per month-end and tier: customers, and customers_share of all who count in shares."""
    return rfm_history.engine.run(HERE / "tier_shares.sql", rfm_history=rfm_history, tiers=tiers)


def migration(rfm_history: Table, tiers: Table, *, since: date, until: date) -> Table:
    """One row per tier_before (on `since`) and tier (on `until`): customers, share of those who were in tier_before."""
    params = {"since": since, "until": until}
    return rfm_history.engine.run(HERE / "migration.sql", params=params, rfm_history=rfm_history, tiers=tiers)


def _first_day(counts: Table, ends: list[date]) -> date:
    found = counts.engine.sql("select min(day) as day from counted", counted=counts).scalar()
    return min(found or ends[0], ends[0])


def _calendar(first: date, ends: list[date], window_days: int) -> pd.DataFrame:
    """For each day: the first month-end whose window holds it, and the first that has left it behind."""
    days, stops = pd.date_range(first, ends[-1]), pd.DatetimeIndex(pd.to_datetime(ends))
    leaves = np.searchsorted(stops, days + pd.Timedelta(days=window_days))
    return pd.DataFrame({"day": days.date, "enters": np.searchsorted(stops, days), "leaves": leaves})
