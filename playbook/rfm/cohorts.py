"""Who comes back: cohorts by month of the first purchase, new and returning revenue, the gaps between purchases."""

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from playbook.tables.engine import Table

HERE = Path(__file__).parent


class Gaps(NamedTuple):
    """Days between two purchases of one customer: how many gaps, the median, and the one nine in ten stay under."""

    gaps: int
    median: float | None
    ninth_decile: float | None


def cohorts(purchases: Table, *, as_of: date) -> pd.DataFrame:
    """One row per month of first purchase (`cohort`) and `months_since`: customers, buyers, share who bought. Months
    that are not over by `as_of` are left out."""
    last_month = ((as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1)).replace(day=1)
    return purchases.engine.run(HERE / "cohorts.sql", params={"last_month": last_month}, purchases=purchases).df()


def new_and_returning(purchases: Table, *, as_of: date) -> pd.DataFrame:
    """One row per month: revenue (currency, net of returns) and buyers, split into new and returning customers."""
    return purchases.engine.run(HERE / "new_returning.sql", params={"as_of": as_of}, purchases=purchases).df()


def gaps(purchases: Table) -> pd.DataFrame:
    """One row per gap between two purchase days of a customer: customer_id, day, gap_days."""
    return purchases.engine.run(HERE / "gaps.sql", purchases=purchases).df()


def usual_gap(gaps: pd.DataFrame) -> Gaps:
    """The median gap and the one that nine in ten stay under; None where nobody bought twice.

    >>> usual_gap(pd.DataFrame({"gap_days": [10, 20, 60]}))
    Gaps(gaps=3, median=20.0, ninth_decile=20.0)
    """
    if gaps.empty:
        return Gaps(0, None, None)
    days = gaps["gap_days"]
    return Gaps(len(gaps), float(days.median()), float(days.quantile(0.9, interpolation="lower")))
