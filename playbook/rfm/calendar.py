"""Months held against last year: by the same dates, and by the festival that moves between them."""

from datetime import date, timedelta

import pandas as pd

from playbook.profile import seasons
from playbook.tables.engine import Table


def months_compared(counted: Table, calendar: seasons.Calendar, *, as_of: date, months: int = 12) -> pd.DataFrame:
    """One row per whole month up to `as_of`: month, season, revenue, plain_change, aligned_change.

    `plain_change` compares with the same dates a year earlier, `aligned_change` with the days that held the same
    festival; a month whose comparison the data do not cover is left out.
    """
    daily = _daily(counted)
    periods = [period for period in _whole_months(as_of, months) if _covered(daily, calendar, *period)]
    return pd.DataFrame([_compared(daily, calendar, *period) for period in periods], columns=COLUMNS)


COLUMNS = ["month", "season", "revenue", "plain_change", "aligned_change"]


def _daily(counted: Table) -> pd.Series:
    text = "select day, sum(amount) as revenue from counted group by day order by day"
    found = counted.engine.sql(text, counted=counted).df()
    return found.set_index(pd.to_datetime(found["day"]))["revenue"].astype(float)


def _whole_months(as_of: date, months: int) -> list[tuple[date, date]]:
    end = (as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    periods = []
    for _ in range(months):
        periods.append((end.replace(day=1), end))
        end = end.replace(day=1) - timedelta(days=1)
    return periods[::-1]


def _covered(daily: pd.Series, calendar: seasons.Calendar, first: date, last: date) -> bool:
    earliest = min(_plainly(first, last)[0], seasons.a_year_before(calendar, first, last)[0])
    return len(daily) > 0 and daily.index[0].date() <= earliest


def _compared(daily: pd.Series, calendar: seasons.Calendar, first: date, last: date) -> tuple:
    revenue = _between(daily, first, last)
    plain, aligned = _plainly(first, last), seasons.a_year_before(calendar, first, last)
    season = seasons.season_within(calendar, first, last)
    return (
        first,
        season,
        revenue,
        _change(revenue, _between(daily, *plain)),
        _change(revenue, _between(daily, *aligned)),
    )


def _plainly(first: date, last: date) -> tuple[date, date]:
    return seasons.a_year_before(seasons.Calendar(), first, last)


def _between(daily: pd.Series, first: date, last: date) -> float:
    return float(daily[pd.Timestamp(first) : pd.Timestamp(last)].sum())


def _change(now: float, before: float) -> float | None:
    return now / before - 1 if before else None
