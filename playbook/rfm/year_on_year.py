"""Months held against last year: by the same dates, and by the festival that moves between them."""

from datetime import date
from itertools import pairwise

import pandas as pd

from playbook.profile import seasons
from playbook.tables.engine import Table

COLUMNS = ["month", "season", "revenue", "plain_change", "aligned_change"]


def months_compared(purchases: Table, calendar: seasons.Calendar, *, as_of: date, months: int = 12) -> pd.DataFrame:
    """One row per whole month up to `as_of`: month, season, revenue, plain_change, aligned_change.

    `plain_change` compares with the same dates a year earlier, `aligned_change` with the days that held the same
    festival (both as shares; None without revenue then); a month whose comparison the data do not cover is left out.
    """
    text = "select day, cast(sum(amount) as double) as revenue from purchases group by day order by day"
    daily = purchases.engine.sql(text, purchases=purchases).df().set_index("day")["revenue"]
    firsts = pd.date_range(end=pd.Timestamp(as_of) + pd.Timedelta(days=1), periods=months + 1, freq="MS")
    rows = []
    for first, after in pairwise(firsts):
        month = first.date(), (after - pd.Timedelta(days=1)).date()
        compared = [seasons.a_year_before(each, *month) for each in (seasons.Calendar(), calendar)]
        if len(daily) and daily.index[0].date() <= min(earlier for earlier, _ in compared):
            sums = (daily[pd.Timestamp(start) : pd.Timestamp(end)].sum() for start, end in (month, *compared))
            revenue, plain, aligned = map(float, sums)
            changes = [revenue / before - 1 if before else None for before in (plain, aligned)]
            rows.append((month[0], seasons.season_within(calendar, *month), revenue, *changes))
    return pd.DataFrame(rows, columns=COLUMNS)
