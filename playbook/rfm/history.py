"""History: the tier of every customer at each month-end, with frozen cuts, and who moved where."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from playbook.profile import reach, rules
from playbook.rfm.snapshots import snapshots
from playbook.rfm.summary import window_start
from playbook.tables.engine import Table

HERE = Path(__file__).parent

#: Month-ends in a history: as_of and the ends of the twelve months before it.
MONTHS = 12


def month_ends(as_of: date, *, first_day: date, window_days: int, months: int = MONTHS) -> list[date]:
    """`as_of` and the ends of the months before it, as far back as the orders fill the whole window.

    >>> month_ends(date(2026, 6, 12), first_day=date(2026, 3, 1), window_days=61)
    [datetime.date(2026, 4, 30), datetime.date(2026, 5, 31), datetime.date(2026, 6, 12)]
    """
    ends = [as_of]
    while len(ends) <= months:
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return [end for end in reversed(ends) if end == as_of or window_start(end, window_days) >= first_day]


def history(purchases: Table, customers: Table, *, ends: list[date], window_days: int) -> Table:
    """One row per customer and month-end: as_of and the columns of the summary, as they stood on that day.

    All month-ends in one pass, in the order of as_of and customer_id. A customer is in it from the day they registered
    or first ordered.
    """
    past = snapshots(purchases, customers, ends=ends, window_days=window_days)
    return purchases.engine.run(HERE / "history.sql", snapshots=past)


def ends_of(rfm_history: Table) -> list[date]:
    """The month-ends that a history holds, in order."""
    text = "select distinct as_of from rfm_history order by as_of"
    return [day for (day,) in rfm_history.engine.sql(text, rfm_history=rfm_history).rows()]


def tier_shares(rfm_history: Table, tiers: Table) -> Table:
    """One row per month-end and tier: customers, and customers_share of all who count in shares."""
    return rfm_history.engine.run(HERE / "tier_shares.sql", rfm_history=rfm_history, tiers=tiers)


def comparable(shares: pd.DataFrame, profile, *, first_day: date) -> tuple[pd.DataFrame, list[str]]:
    """The shares that mean the same at every month-end, and the tiers left out for that.

    While the orders reach back less than twice the time that makes a customer lost, a tier that only the lost are in
    fills up because the history grows: it is left out, and shares are of the other customers. `shares` is
    `tier_shares(...)`.
    """
    if shares.empty or (shares["as_of"].min() - pd.Timestamp(first_day)).days >= 2 * profile.rfm.lost_after_days:
        return shares, []
    filling = [tier for tier in only_when_lost(profile) if tier in set(shares["tier"])]
    rest = shares[~shares["tier"].isin(filling)]
    of_the_rest = rest["customers"] / rest.groupby("as_of")["customers"].transform("sum")
    return rest.assign(customers_share=of_the_rest).reset_index(drop=True), filling


def only_when_lost(profile) -> list[str]:
    """The tiers that nobody is in who has bought within the days that make a customer lost."""
    ordered = {"": f"recency_days > {profile.rfm.lost_after_days}"} | {k: t.rule for k, t in profile.tiers.items()}
    trees = {key: rules.condition(rule, profile.rule_columns, profile.constants) for key, rule in ordered.items()}
    return list(reach.unreached(trees))


def migration(rfm_history: Table, tiers: Table, *, since: date, until: date) -> Table:
    """One row per tier_before (on `since`) and tier (on `until`): customers, share of those who were in tier_before."""
    params = {"since": since, "until": until}
    return rfm_history.engine.run(HERE / "migration.sql", params=params, rfm_history=rfm_history, tiers=tiers)
