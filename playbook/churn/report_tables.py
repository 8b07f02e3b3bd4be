"""The tables that the notebook shows, and what its sentences rest on; nothing of it is handed on."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from playbook import rfm
from playbook.churn.build import Models
from playbook.churn.definition import Definition, History
from playbook.churn.features import snapshot
from playbook.churn.features.leakage import same_values
from playbook.churn.horizon import Horizon
from playbook.churn.model.comparison import Comparison
from playbook.churn.model.leading_indicators import leading_indicators
from playbook.churn.model.metrics import auc, score_counts
from playbook.churn.model.signals import flags, typical
from playbook.churn.model.training import LABEL
from playbook.tables.purchases import purchases

#: A customer is named a leaver from this probability on, where somebody must say yes or no.
EVEN = 0.5
#: Days after the first purchase at which survival is read.
AGES = (90, 180, 365)
RETAINED = ["month", "age", "customers", "share", "low", "high"]


class Reactivated(NamedTuple):
    """Those who were called gone on the latest day with a year after it: how many, and the share who bought in `days`
    days after the horizon."""

    origin: date
    customers: int
    share: float
    days: int


def everybody(past: History) -> np.ndarray:
    """Everybody who had bought by the day of the test, the lost included: 1 for who bought nothing afterwards."""
    definition, origin = past.definition, past.origins[-1]
    if definition.contractual:
        return past.test[LABEL].to_numpy(float)
    bought = purchases(definition.tables["orders"], definition.tables["customers"], as_of=origin)
    ids = bought.engine.sql("select distinct customer_id from b where kind = 'purchase'", b=bought).df().customer_id
    return definition.outcome(origin, definition.spec.horizon_days, sorted(ids))


def reactivated(past: History, *, days: int = 365) -> Reactivated | None:
    """Who bought again after all, of the leavers of a past day; None for contracts, or where no day is old enough."""
    definition, horizon = past.definition, timedelta(days=past.definition.spec.horizon_days)
    old = [day for day in past.origins if day + horizon + timedelta(days=days) <= definition.as_of]
    if definition.contractual or not old:
        return None
    left = past.frame[(past.frame.origin == pd.Timestamp(old[-1])) & (past.frame[LABEL] == 1)].customer_id
    if left.empty:
        return None
    still_gone = definition.outcome(old[-1] + horizon, days, left.tolist())
    return Reactivated(old[-1], len(left), 1 - float(still_gone.mean()), days)


def ways_to_name_leavers(past: History, comparison: Comparison) -> pd.DataFrame:
    """One row per way to name leavers: named_by, accuracy, leavers_found (share of them), named_rightly, auc."""
    left = past.test[LABEL].to_numpy(float)
    silent = past.test.recency_days.to_numpy() > past.definition.spec.horizon_days
    scores = {"nobody": np.zeros(len(left)), "everybody": np.ones(len(left)), "silent": silent.astype(float)}
    scores[comparison.chosen] = comparison.probability[comparison.chosen]
    rows = []
    for name, score in scores.items():
        named, gone = score >= EVEN, left == 1
        caught = float(named[gone].mean()) if gone.any() else np.nan
        rightly = float(gone[named].mean()) if named.any() else np.nan
        rows.append((name, float((named == gone).mean()), caught, rightly, auc(score_counts(left, score))))
    return pd.DataFrame(rows, columns=["named_by", "accuracy", "leavers_found", "named_rightly", "auc"])


def past_days(past: History) -> pd.DataFrame:
    """One row per past day: origin, customers at risk, share who left afterwards, whether it was kept for the test."""
    frame = past.frame.groupby("origin").agg(customers=("customer_id", "size"), left=(LABEL, "mean")).reset_index()
    return frame.assign(kept=frame.origin == frame.origin.max())


def scored_customers(run, table: pd.DataFrame) -> pd.DataFrame:
    """One row per customer with a probability: the churn table with tier and what was spent in the window."""
    spent = run.engine.sql("select customer_id, tier, cast(monetary as double) as monetary from r", r=run.table("rfm"))
    scored = table[table.churn_probability.notna()].merge(spent.df(), on="customer_id")
    return scored.sort_values("customer_id", ignore_index=True)


def by_level(scored: pd.DataFrame, levels) -> pd.DataFrame:
    """One row per level of risk: customers, their share, mean probability, spend and its share."""
    rows = scored.groupby("risk").agg(
        customers=("customer_id", "size"), churn_probability=("churn_probability", "mean"), revenue=("monetary", "sum")
    )
    rows = rows.reindex(list(levels)).fillna({"customers": 0, "revenue": 0.0}).astype({"customers": int})
    total = rows.revenue.sum()
    shares = {
        "customers_share": rows.customers / len(scored),
        "revenue_share": rows.revenue / (total if total > 0 else np.nan),
    }
    names = ["risk", "customers", "customers_share", "churn_probability", "revenue", "revenue_share"]
    return rows.assign(**shares).rename_axis("risk").reset_index()[names]


def by_tier(scored: pd.DataFrame, levels) -> pd.DataFrame:
    """One row per tier with somebody who has a probability: tier, customers, and for each level its share of them; the
    tier with most people above the lowest level comes first."""
    counts = pd.crosstab(scored.tier, scored.risk).reindex(columns=list(levels), fill_value=0)
    total = counts.sum(axis=1)
    shares = counts.div(total, axis=0).assign(customers=total).rename_axis("tier").reset_index()
    return shares.sort_values([list(levels)[-1], "tier"], ignore_index=True)


def common_signals(at_risk: pd.DataFrame) -> pd.DataFrame:
    """One row per signal among customers at risk, the commonest first: signal, customers, share of them."""
    counts = at_risk.signals.explode().dropna().value_counts()
    frame = pd.DataFrame({"signal": counts.index.astype(object), "customers": counts.to_numpy(int)})
    frame = frame.sort_values(["customers", "signal"], ascending=[False, True], ignore_index=True)
    return frame.assign(share=frame.customers / max(len(at_risk), 1))


def before_leaving(run, past: History, models: Models, tier: str | None) -> pd.DataFrame:
    """Signals on the day of the test against what came after, for a tier of that time and for the others.

    Columns as of `leading_indicators`; the tier is the one at the last month-end up to that day.
    """
    stayed = past.train[past.train[LABEL] == 0][past.definition.names]
    usual = typical(models["logistic"].model_, stayed)
    text = "select customer_id, tier from h where as_of = (select max(as_of) from d where as_of <= $day)"
    months = run.table("rfm_history")
    held = run.engine.sql(text, params={"day": past.origins[-1]}, h=months, d=months).df().set_index("customer_id").tier
    in_tier = past.test.customer_id.map(held) == tier
    return leading_indicators(flags(past.test[past.definition.names], usual), past.test[LABEL], in_tier)


def best_tier(run) -> str | None:
    """The tier that brings most beyond its number, as the second chapter names it."""
    from playbook.rfm.messages import headline

    profile = rfm.tier_profile(run.table("rfm"), rfm.tier_frame(run.engine, run.profile))
    return headline(profile).values.get("tier")


def days_until_left(definition: Definition, horizon: Horizon) -> int:
    """The days without a purchase, or without a contract, after which somebody has left."""
    return definition.grace_days if definition.contractual else horizon.used


def retained_by_month(curves: pd.DataFrame, definition: Definition, horizon: Horizon) -> pd.DataFrame:
    """One row per month of first purchase and age it could be seen at: month, age, customers, share, low, high.

    `curves` is `churn.to_leaving(...)`. An age is seen once the whole month is older than it and `days_until_left`, so
    that everybody's leaving could show. The first months of orders are left out: who seems new in them may be an old
    customer, first seen; a contract says when it began.
    """
    if curves.empty:
        return pd.DataFrame(columns=RETAINED)
    days, rows = days_until_left(definition, horizon), []
    since = definition.first_day() + timedelta(days=horizon.by_gaps or days)
    months = [
        month
        for month in sorted(curves.group.unique())
        if definition.contractual or pd.Period(month).start_time.date() >= since
    ]
    for age in AGES:
        for month in months:
            curve, end = curves[curves.group == month], pd.Period(month).end_time.date()
            if end + timedelta(days=age + days) <= definition.as_of:
                past = curve[curve.duration <= age][["survival", "low", "high"]]
                last = past.iloc[-1].astype(float) if len(past) else (1.0, 1.0, 1.0)
                rows.append((end, age, int(curve.at_risk.iloc[0]), *last))
    return pd.DataFrame(rows, columns=RETAINED)


def covered(past: History) -> bool:
    """Whether the horizon of every past day is over by the last day of the data."""
    last = past.definition.as_of - timedelta(days=past.definition.window_days)
    return all(origin <= last for origin in past.origins)


def future_changes_nothing(past: History) -> bool:
    """Whether the features on the day of the test are the same when everything after that day is taken away."""
    definition, origin = past.definition.sample(), past.origins[-1]
    then = definition._replace(tables=snapshot(definition.tables, as_of=origin)).features([origin])
    now, then = (rows.set_index("customer_id")[definition.names].astype(float) for rows in (past.test, then))
    then = then.reindex(now.index)
    return all(same_values(now[name], then[name]).all() for name in definition.names)
