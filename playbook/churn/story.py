"""What the notebook shows: naive forecasts beside a model, risk by tier and level, signals before leaving."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.churn.accuracy import auc, tally
from playbook.churn.build import MOST_CUSTOMERS, Room
from playbook.churn.features import features
from playbook.churn.learning import LABEL
from playbook.churn.sight import cut_off
from playbook.churn.signals import flags, ordinary
from playbook.churn.signals_whole import precedes
from playbook.churn.survival import to_leaving

#: A customer is named a leaver from this probability on, where somebody must say yes or no.
EVEN = 0.5
STAYED = ["month", "age", "customers", "share", "low", "high"]
#: Days after the first purchase at which survival is read.
AGES = (90, 180, 365)


class Naive(NamedTuple):
    """Everybody who had bought by the day of the test: how many, and the share who left afterwards."""

    origin: date
    customers: int
    left: float


class Regretted(NamedTuple):
    """Those who were called gone on the latest day with a year after it: how many, and the share who bought in `days`
    days after the horizon."""

    origin: date
    customers: int
    share: float
    days: int


class Preceding(NamedTuple):
    """`table` as of `precedes`, and the tier that its high-value group is."""

    table: pd.DataFrame
    tier: str | None


def everybody(room: Room) -> Naive | None:
    """Who had bought by the day of the test, the lost included, and how many bought nothing afterwards."""
    if room.comparison is None:
        return None
    origin, found = room.origins[-1], room.definition
    if found.contractual:
        return Naive(origin, len(room.test), float(room.test[LABEL].mean()))
    counted = rfm.counted(found.tables["orders"], as_of=origin)
    known = counted.engine.sql(_KNOWN, counted=counted, customers=found.tables["customers"]).df().customer_id.tolist()
    return Naive(origin, len(known), float(found.outcome(origin, found.sight.horizon_days, known).mean()))


def regretted(room: Room, *, days: int = 365) -> Regretted | None:
    """Who bought again after all, of the leavers of a past day; None for contracts, or where no day is old enough."""
    made, horizon = room.definition, room.definition.sight.horizon_days
    old = [day for day in room.origins if day + timedelta(days=horizon + days) <= made.as_of]
    if made.contractual or not old:
        return None
    gone = room.frame[(room.frame.origin == pd.Timestamp(old[-1])) & (room.frame[LABEL] == 1)].customer_id
    since = old[-1] + timedelta(days=horizon)
    if gone.empty:
        return None
    return Regretted(old[-1], len(gone), 1 - float(made.outcome(since, days, gone.tolist()).mean()), days)


def ways(room: Room) -> pd.DataFrame:
    """One row per way to name leavers: named_by, accuracy, leavers_found (share of them), named_rightly, auc."""
    left = room.test[LABEL].to_numpy(float)
    silent = room.test.recency_days.to_numpy() > room.definition.sight.horizon_days
    said = {"nobody": np.zeros(len(left)), "everybody": np.ones(len(left)), "silent": silent.astype(float)}
    said[room.chosen] = room.comparison.said[room.chosen]
    return pd.DataFrame([_way(name, score, left) for name, score in said.items()])


def learnt(room: Room) -> pd.DataFrame:
    """One row per past day: origin, customers at risk, share who left afterwards, whether it was kept for the test."""
    frame = room.frame.groupby("origin").agg(customers=("customer_id", "size"), left=(LABEL, "mean")).reset_index()
    return frame.assign(kept=frame.origin == frame.origin.max())


def measured(room: Room) -> pd.DataFrame:
    """One row per model: its measures on the test, recency first."""
    return room.comparison.table[["model", "auc", "pr_auc", "brier", "slope", "lift", "lift_most", "empc"]]


def people(run, room: Room) -> pd.DataFrame:
    """One row per customer with a probability: the churn table with tier, owner and what was spent in the window."""
    text = """select c.customer_id, c.churn_probability, c.risk, r.tier, cast(r.monetary as double) as monetary
        from churn as c join rfm as r on r.customer_id = c.customer_id
        where c.churn_probability is not null order by c.customer_id"""
    table = room.table[["customer_id", "churn_probability", "risk"]]
    found = run.engine.sql(text, churn=run.engine.frame(table), rfm=run.table("rfm")).df()
    return found.merge(room.table[["customer_id", "signals"]], on="customer_id")


def by_level(found: pd.DataFrame, levels) -> pd.DataFrame:
    """One row per level of risk: customers, their share, mean probability, spend and its share."""
    rows = found.groupby("risk").agg(
        customers=("customer_id", "size"), churn_probability=("churn_probability", "mean"), revenue=("monetary", "sum")
    )
    rows = rows.reindex(list(levels)).fillna({"customers": 0, "revenue": 0.0}).astype({"customers": int})
    shares = {"customers_share": rows.customers / len(found), "revenue_share": _share(rows.revenue)}
    names = ["risk", "customers", "customers_share", "churn_probability", "revenue", "revenue_share"]
    return rows.assign(**shares).rename_axis("risk").reset_index()[names]


def by_tier(found: pd.DataFrame, profile) -> pd.DataFrame:
    """One row per tier with somebody who has a probability: tier, customers, and for each level its share of them; the
    tier with most people above the lowest level comes first."""
    counts = pd.crosstab(found.tier, found.risk).reindex(columns=list(profile.churn.levels), fill_value=0)
    total = counts.sum(axis=1)
    shares = counts.div(total, axis=0).assign(customers=total).rename_axis("tier").reset_index()
    return shares.sort_values([list(profile.churn.levels)[-1], "tier"], ignore_index=True)


def endangered(found: pd.DataFrame, levels) -> pd.DataFrame:
    """Everybody above the lowest level with `at_stake`, the probability times what was spent; the most comes first."""
    above = found[found.risk != list(levels)[-1]]
    above = above.assign(at_stake=(above.churn_probability * above.monetary.clip(lower=0)).round(2))
    return above.sort_values(
        ["at_stake", "churn_probability", "customer_id"], ascending=[False, False, True], ignore_index=True
    )


def called(above: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The first so many of `endangered`, to be shown: customer_id, tier, risk, churn_probability, spent, signals."""
    shown = above.head(most).rename(columns={"monetary": "spent"})
    names = ["customer_id", "tier", "risk", "churn_probability", "spent", "at_stake", "signals"]
    return shown.assign(signals=[";".join(keys) or "none" for keys in shown.signals])[names]


def common(above: pd.DataFrame) -> pd.DataFrame:
    """One row per signal among customers at risk, the commonest first: signal, customers, share of them."""
    counts = above.signals.explode().dropna().value_counts()
    frame = pd.DataFrame({"signal": counts.index.astype(object), "customers": counts.to_numpy(int)})
    frame = frame.sort_values(["customers", "signal"], ascending=[False, True], ignore_index=True)
    return frame.assign(share=frame.customers / max(len(above), 1))


def preceding(run, room: Room) -> Preceding:
    """Signals on the day of the test against what came after, for the best tier of that time and for the others."""
    usual = ordinary(room.explained, _stayed(room)[room.definition.names])
    tier, test = best_tier(run), room.test
    held = _tier_on(run, test.customer_id, room.origins[-1])
    table = precedes(flags(test[room.definition.names], usual), test[LABEL].to_numpy(), (held == tier).to_numpy())
    return Preceding(table, tier)


def best_tier(run) -> str | None:
    """The tier that brings most beyond its number, as the second chapter names it."""
    from playbook.rfm.findings import headline

    profile = rfm.tier_profile(run.table("rfm"), rfm.tier_frame(run.engine, run.profile))
    return headline(profile).values.get("tier")


def stays(run, room: Room) -> pd.DataFrame:
    """How long each month's new customers stay, as `churn.to_leaving` gives it."""
    return to_leaving(run, days=patience(run, room), contractual=room.definition.contractual)


def patience(run, room: Room) -> int:
    """The days without a purchase, or without a contract, after which somebody has left."""
    return run.profile.churn.grace_days if room.definition.contractual else room.horizon.used


def still_there(found: pd.DataFrame, room: Room, *, days: int) -> pd.DataFrame:
    """One row per month of first purchase and age it could be seen at: month, age, customers, share, low, high.

    An age is seen once the whole month is older than it and `days` (`patience`), so that everybody's leaving could
    show. The first months of orders are left out: who seems new in them may be an old customer, first seen.
    """
    if found.empty:
        return pd.DataFrame(columns=STAYED)
    since = room.definition.first_day() + timedelta(days=room.horizon.by_gaps or days)
    known = room.definition.contractual  # a contract says when it began
    months = [key for key in sorted(found.group.unique()) if known or pd.Period(key).start_time.date() >= since]
    last = room.definition.as_of - timedelta(days=days)
    rows = [_at_age(found[found.group == month], month, age) for age in AGES for month in months
            if pd.Period(month).end_time.date() + timedelta(days=age) <= last]  # fmt: skip
    return pd.DataFrame(rows, columns=STAYED)


def seen(room: Room):
    """What was known of every customer, the lapsed too, at the end of some days: what past campaigns are judged by."""
    made = room.definition
    return lambda days: features(made.tables, origins=days, sight=made.sight)


def known(run) -> list[str]:
    """Everybody who has a tier."""
    return run.engine.sql("select customer_id from rfm", rfm=run.table("rfm")).df().customer_id.tolist()


def covered(room: Room) -> bool:
    """Whether the horizon of every past day is over by the last day of the data."""
    last = room.definition.as_of - timedelta(days=room.definition.window_days)
    return all(origin <= last for origin in room.origins)


def future_changes_nothing(room: Room) -> bool:
    """Whether the features on the day of the test are the same when everything after that day is taken away."""
    made, origin = room.definition.some(MOST_CUSTOMERS), room.origins[-1]
    then = made._replace(tables=cut_off(made.tables, at=origin)).features([origin]).set_index("customer_id")
    now = room.test.set_index("customer_id")[made.names]
    before = then.reindex(now.index)[made.names]
    return bool(np.isclose(now.astype(float), before.astype(float), rtol=1e-9, atol=1e-12, equal_nan=True).all())


_KNOWN = """select distinct c.customer_id from counted as c
    left join (select customer_id from customers where is_internal) as i on i.customer_id = c.customer_id
    where c.purchases = 1 and i.customer_id is null order by c.customer_id"""


def _way(name, said, left):
    named = said >= EVEN
    gone = left == 1
    return {
        "named_by": name,
        "accuracy": float((named == gone).mean()),
        "leavers_found": float(named[gone].mean()) if gone.any() else np.nan,
        "named_rightly": float(gone[named].mean()) if named.any() else np.nan,
        "auc": auc(tally(left, said)),
    }


def _share(values: pd.Series) -> pd.Series:
    total = values.sum()
    return values / total if total > 0 else pd.Series(np.nan, index=values.index)


def _stayed(room):
    return room.frame[(room.frame[LABEL] == 0) & (room.frame.origin < pd.Timestamp(room.origins[-1]))]


def _tier_on(run, customer_ids, day):
    """The tier at the last month-end up to a day, for each of these customers."""
    text = "select customer_id, tier from h where as_of = (select max(as_of) from d where as_of <= $day)"
    history = run.table("rfm_history")
    found = run.engine.sql(text, params={"day": day}, h=history, d=history).df()
    return customer_ids.map(found.set_index("customer_id").tier)


def _at_age(rows, month, age):
    past = rows[rows.days <= age]
    seen = (past.share.iloc[-1], past.low.iloc[-1], past.high.iloc[-1]) if len(past) else (1.0, 1.0, 1.0)
    return (pd.Period(month).end_time.date(), age, int(rows.at_risk.iloc[0]), *map(float, seen))
