"""Findings: the sentences this room says, each a key of `text/`, its values and the number of customers behind it."""

from datetime import date, timedelta
from typing import Any, NamedTuple

import pandas as pd

from playbook.rfm.base import Coverage, Spend, moved_by_shuffling
from playbook.rfm.concentration import Concentration
from playbook.tables.engine import Table

#: Below this change of its share a tier counts as steady.
STEADY = 0.01
#: Month-ends closer together than this are no history yet.
A_MONTH = timedelta(days=28)
#: From this share of buyers below the mean on, the mean speaks for few.
SKEWED = 0.6


class Finding(NamedTuple):
    """A sentence: its text key, how many it rests on, its values, and what they are that it rests on."""

    key: str
    n: int
    values: dict[str, Any]
    of: str = "customer"


def say(run, finding: Finding, **evidence: Any) -> None:
    """Say a finding in the notebook and the report."""
    run.takeaway(finding.key, n=finding.n, of=finding.of, **finding.values, **evidence)


def average(found: Spend, *, days: int) -> Finding:
    """What the average buyer spent in the window, and how few are like that."""
    if not found.enough:
        reason = "few" if found.revenue > 0 or not found.buyers else "no_money"
        return Finding(f"rfm.average.{reason}", found.buyers, {"buyers": found.buyers, "days": days}, of="buyer")
    key = "rfm.average" if found.below_mean >= SKEWED else "rfm.average.even"
    return Finding(key, found.buyers, found._asdict() | {"days": days}, of="buyer")


def concentrated(found: Concentration) -> Finding:
    """How much of all revenue the top 1, 8 and 20 % of the buyers bring."""
    if not found.enough:
        reason = "few" if found.revenue > 0 or not found.buyers else "no_money"
        return Finding(f"rfm.concentration.{reason}", found.buyers, {"buyers": found.buyers}, of="buyer")
    top = {f"top_{round(100 * share)}": part for share, part in found.top.items()}
    return Finding("rfm.concentration", found.buyers, top | {"gini": found.gini}, of="buyer")


def headline(profile: pd.DataFrame) -> Finding:
    """The tier that brings most beyond its number. `profile` is `rfm.tier_profile(...)`, in the order of the rules.

    The last tier holds everybody else: it is named only where no other brings more per head.
    """
    shares = profile[profile["customers"] > 0].dropna(subset=["customers_share", "revenue_share"])
    if shares.empty:
        return Finding("rfm.headline.none", 0, {})
    if len(shares) == 1:
        return Finding("rfm.headline.one", int(shares["customers"].sum()), {"tier": shares["tier"].iloc[0]})
    each = shares["revenue_share"] / shares["customers_share"]
    others = shares[shares["tier"] != profile["tier"].iloc[-1]]
    named = others if each[others.index].max() > each.drop(others.index).max() else shares
    best = named.loc[(named["revenue_share"] - named["customers_share"]).idxmax()]
    values = {name: best[name] for name in ("tier", "customers_share", "revenue_share")}
    return Finding("rfm.headline", int(best["customers"]), values)


def absent(summary: Table, *, days: int, covered: int) -> Finding:
    """How many of all who ever bought have not bought for more than so many days; `covered` is how many days we see."""
    buyers, gone = summary.engine.sql(
        "select count(*), coalesce(sum(case when recency_days > $days then 1 else 0 end), 0) from summary"
        " where orders_ever > 0 and not is_internal",
        params={"days": days},
        summary=summary,
    ).rows()[0]
    if covered <= days:
        return Finding("rfm.absent.unseen", buyers, {"days": days, "covered": covered})
    if not gone:
        return Finding("rfm.absent.none", buyers, {"days": days})
    return Finding("rfm.absent", buyers, {"share": gone / buyers, "gone": gone, "days": days})


def never_bought(summary: Table) -> Finding:
    """How many registered and never bought."""
    text = "select count(*) from summary where orders_ever = 0 and not is_internal"
    found = summary.engine.sql(text, summary=summary).scalar()
    return Finding("rfm.never_bought", found, {"people": found}, of="person")


def anonymous(found: Coverage) -> Finding:
    """How much of the window's revenue belongs to nobody known."""
    return Finding("rfm.anonymous", 0, {"share": found.anonymous_share})


def reshuffled(frequency: pd.Series) -> Finding:
    """How many customers would get another frequency score in another order of the rows, were they ranked."""
    return Finding("rfm.reshuffled", len(frequency), {"share": moved_by_shuffling(frequency)}, of="buyer")


def movement(shares: pd.DataFrame) -> Finding:
    """The tier whose share moved most between the first month-end and the last. `shares` is `rfm.tier_shares(...)`."""
    wide = shares.pivot(index="as_of", columns="tier", values="customers_share").fillna(0.0)
    if len(wide) < 2 or wide.index[-1] - wide.index[0] < A_MONTH:
        return Finding("rfm.history.none", 0, {})
    change = wide.iloc[-1] - wide.iloc[0]
    tier = change.abs().idxmax()
    values = {"tier": tier, "before": wide[tier].iloc[0], "after": wide[tier].iloc[-1]}
    days = {"since": wide.index[0], "until": wide.index[-1]}
    return Finding(f"rfm.history.{_direction(change[tier])}", _customers(shares, wide.index[-1]), values | days)


def filling(tiers: list[str], shares: pd.DataFrame, *, days: int) -> Finding | None:
    """That some tiers are left out of the comparison of month-ends. `tiers` and `shares` are `rfm.comparable(...)`."""
    if not tiers or shares["as_of"].nunique() < 2:
        return None
    since = shares["as_of"].min()
    values = {"tier": tiers[0], "since": since, "days": days}
    return Finding("rfm.history.filling", _customers(shares, since), values)


def course(shares: pd.DataFrame, tier: str) -> Finding:
    """How the share of one tier went between the first month-end and the last."""
    days = sorted(shares["as_of"].unique())
    own = shares[shares["tier"] == tier].set_index("as_of")["customers_share"].reindex(days).fillna(0.0)
    values = {"tier": tier, "before": own.iloc[0], "after": own.iloc[-1], "since": days[0], "until": days[-1]}
    values |= {"low": own.min(), "high": own.max()}
    return Finding(f"rfm.course.{_direction(own.iloc[-1] - own.iloc[0])}", _customers(shares, days[-1]), values)


def stayed(moves: pd.DataFrame, tier: str, *, since: date, until: date) -> Finding:
    """What became of the customers who were in a tier at the start. `moves` is `rfm.migration(...)`."""
    rows = moves[moves["tier_before"] == tier].set_index("tier")
    days = {"tier": tier, "since": since, "until": until}
    if rows.empty:
        return Finding("rfm.migration.none", 0, days)
    still = float(rows["share"].get(tier, 0.0))
    left = rows["share"].drop(tier, errors="ignore")
    if left.empty:
        return Finding("rfm.migration.all", int(rows["customers"].sum()), days | {"stayed": still})
    values = {"stayed": still, "other": left.idxmax(), "moved": left.max()}
    return Finding("rfm.migration", int(rows["customers"].sum()), values | days)


def _direction(change: float) -> str:
    if abs(change) < STEADY:
        return "steady"
    return "grew" if change > 0 else "shrank"


def _customers(shares: pd.DataFrame, day: Any) -> int:
    return int(shares.loc[shares["as_of"] == day, "customers"].sum())
