"""Survival: how long customers take to buy again by tier, and how long they stay by the month they came."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.churn.sight import HERE

#: Fewer customers than this make no curve of their own.
LEAST_CUSTOMERS = 20
Z = 1.6448536269514722  # 90 %
CURVE = ("group", "days", "at_risk", "events", "share", "low", "high")


def to_next_purchase(run, *, days: int = 180) -> pd.DataFrame:
    """Share of each tier that has not bought again, by days since a month-end about `days` ago: columns `CURVE`.

    The tier is that of the month-end, not of today: today's tiers are made by what came since.
    """
    ends = rfm.ends_of(run.table("rfm_history"))
    before = [end for end in ends if end <= run.as_of - timedelta(days=days)]
    if not before:
        return pd.DataFrame(columns=CURVE)
    since = before[-1]
    frame = _spells(run, since)
    bought, seen = frame.next_on.notna(), (pd.Timestamp(run.as_of) - pd.Timestamp(since)).days
    waited = (frame.next_on - pd.Timestamp(since)).dt.days.where(bought, seen)
    return curves(_tiers(run, since).reindex(frame.customer_id).to_numpy(object), waited, bought)


def to_leaving(run, *, days: int, contractual: bool = False) -> pd.DataFrame:
    """Share of each month's new customers still there, by days since their first purchase: columns `CURVE`.

    Somebody stays until the first silence of more than `days`; for contracts, until the first time without one that is
    longer. Later returns do not count, because newer customers have had less time for them.
    """
    customers = run.table("customers")
    if contractual:
        params, tables = {"as_of": run.as_of, "grace": days}, {"contracts": run.table("contracts")}
        table = run.engine.run(HERE / "contract_stays.sql", params=params, customers=customers, **tables)
    else:
        params, counted = {"as_of": run.as_of, "horizon": days}, rfm.counted(run.table("orders"), as_of=run.as_of)
        table = run.engine.run(HERE / "stays.sql", params=params, counted=counted, customers=customers)
    found = table.df().astype(dict.fromkeys(("first_on", "last_on", "lapsed_on"), "datetime64[s]"))
    left = found.lapsed_on.notna()
    stayed = (found.lapsed_on.where(left, found.last_on) - found.first_on).dt.days
    return curves(found.first_on.dt.strftime("%Y-%m").to_numpy(object), stayed, left)


def curves(group, days, happened) -> pd.DataFrame:
    """Kaplan and Meier's curve of each group of twenty or more, with Greenwood's 90 % interval (log-log scale)."""
    frame = pd.DataFrame({"group": group, "days": np.asarray(days, float), "event": np.asarray(happened, bool)})
    frame = frame.dropna(subset=["group"])
    parts = [_curve(key, rows) for key, rows in frame.groupby("group", sort=True) if len(rows) >= LEAST_CUSTOMERS]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CURVE)


def _curve(key, rows):
    days, place = np.unique(rows.days.to_numpy(), return_inverse=True)
    events = np.bincount(place, rows.event.to_numpy(float))
    at_risk = np.bincount(place)[::-1].cumsum()[::-1]
    share = np.cumprod(1 - events / at_risk)
    greenwood = np.cumsum(events / np.maximum(at_risk * (at_risk - events), 1e-9))
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.exp(Z * np.sqrt(greenwood) / np.abs(np.log(share)))
        low, high = share**reach, share ** (1 / reach)
    known = (share > 0) & (share < 1)
    low, high = np.where(known, low, share), np.where(known, high, share)
    columns = (key, days, at_risk, events, share, low, high)
    return pd.DataFrame(dict(zip(CURVE, columns, strict=True)))


def _spells(run, since: date) -> pd.DataFrame:
    counted = rfm.counted(run.table("orders"), as_of=run.as_of)
    params = {"since": since, "as_of": run.as_of}
    frame = run.engine.run(HERE / "survival.sql", params=params, counted=counted).df()
    internal = run.engine.sql("select customer_id from c where is_internal", c=run.table("customers")).df()
    kept = frame[~frame.customer_id.isin(internal.customer_id)].reset_index(drop=True)
    return kept.astype(dict.fromkeys(("first_on", "last_on", "next_on"), "datetime64[s]"))


def _tiers(run, since):
    text = "select customer_id, tier from t where as_of = $since"
    found = run.engine.sql(text, params={"since": since}, t=run.table("rfm_history")).df()
    apart = [key for key, tier in run.profile.tiers.items() if tier.apart]
    return found[~found.tier.isin(apart)].set_index("customer_id").tier
