"""Survival: how long customers take to buy again by tier, and how long they stay by the month they came."""

from datetime import timedelta
from pathlib import Path

import pandas as pd

from playbook import rfm
from playbook.stats.survival import kaplan_meier

HERE = Path(__file__).parent
#: Fewer customers than this make no curve of their own.
LEAST_CUSTOMERS = 20
LEVEL = 0.9
CURVE = ("group", "duration", "at_risk", "events", "survival", "low", "high")


def to_next_purchase(run, *, days: int = 180) -> pd.DataFrame:
    """Share of each tier that has not bought again, by days since a month-end about `days` ago: columns `CURVE`.

    The tier is that of the month-end, not of today: today's tiers are made by what came since.
    """
    history = run.table("rfm_history")
    before = [end for end in rfm.ends_of(history) if end <= run.as_of - timedelta(days=days)]
    if not before:
        return pd.DataFrame(columns=CURVE)
    since = before[-1]
    params = {"since": since, "as_of": run.as_of}
    rows = run.engine.run(HERE / "next_purchase.sql", params=params, purchases=run.table("purchases")).df()
    tiers = run.engine.sql("select customer_id, tier from t where as_of = $since", params={"since": since}, t=history)
    apart = [key for key, tier in run.profile.tiers.items() if tier.apart]
    tier = tiers.df().set_index("customer_id").tier.reindex(rows.customer_id)
    bought = rows.next_on.notna()
    waited = (pd.to_datetime(rows.next_on).fillna(pd.Timestamp(run.as_of)) - pd.Timestamp(since)).dt.days
    return curves(tier.where(~tier.isin(apart)).to_numpy(object), waited, bought)


def to_leaving(run, *, days: int, contractual: bool = False) -> pd.DataFrame:
    """Share of each month's new customers still there, by days since their first purchase: columns `CURVE`.

    Somebody stays until the first silence of more than `days`; for contracts, until the first time without one that is
    longer. Later returns do not count, because newer customers have had less time for them.
    """
    params = {"as_of": run.as_of, "grace" if contractual else "horizon": days}
    if contractual:
        tables = {name: run.table(name) for name in ("contracts", "customers")}
    else:
        tables = {"purchases": run.table("purchases")}
    query = HERE / ("contract_stays.sql" if contractual else "stays.sql")
    rows = run.engine.run(query, params=params, **tables).df()
    rows = rows.astype(dict.fromkeys(("first_on", "last_on", "lapsed_on"), "datetime64[s]"))
    left = rows.lapsed_on.notna()
    stayed = (rows.lapsed_on.where(left, rows.last_on) - rows.first_on).dt.days
    return curves(rows.first_on.dt.strftime("%Y-%m").to_numpy(object), stayed, left)


def curves(group, days, happened) -> pd.DataFrame:
    """Kaplan and Meier's curve of each group of twenty or more, with Greenwood's 90 % interval (log-log scale).

    One row per group and duration (in days): columns `CURVE`.
    """
    frame = pd.DataFrame({"group": group, "days": days, "event": happened}).dropna(subset=["group"])
    parts = [
        kaplan_meier(rows.days, rows.event, level=LEVEL).assign(group=key)
        for key, rows in frame.groupby("group", sort=True)
        if len(rows) >= LEAST_CUSTOMERS
    ]
    return pd.concat(parts, ignore_index=True)[list(CURVE)] if parts else pd.DataFrame(columns=CURVE)
