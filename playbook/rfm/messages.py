"""What the room says of the tiers, and what a reader should know before trusting them: keys of `text/` with values."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from playbook.report.message import Message
from playbook.rfm.cohorts import Gaps
from playbook.rfm.customer_base import Concentration, Coverage, Spend, coverage, is_enough, moved_by_shuffling, spend
from playbook.rfm.cuts import Cuts, overruled
from playbook.rfm.review import Proposal
from playbook.rfm.tier_mix import RateChange
from playbook.rfm.tiers import scope
from playbook.tables.engine import Table

#: Below this change of its share a tier counts as steady.
STEADY = 0.01
#: Month-ends closer together than this are no history yet.
A_MONTH = timedelta(days=28)
#: From this share of buyers below the mean on, the mean speaks for few.
SKEWED = 0.6
#: From this share of one-time buyers on, frequency distinguishes customers no longer.
MOST_ONCE = 0.8
#: In so many first months of the data, customers who look new may be old ones.
FIRST_MONTHS = 6
#: From this share of a tier in one group on, rules and behaviour are said to agree.
AGREES = 0.8
#: From this share of a group on, a tier is the group.
FILLS = 0.5
#: Fewer customers than this make no tier to speak of.
FEWEST = 30
#: How many months the share of returning customers looks back.
A_YEAR = 12
#: Measures of these are amounts of money.
MONEY = ("amount", "discount", "price", "cost")


def average(spend: Spend, *, days: int) -> Message:
    """What the average buyer spent in the window of so many days, and how few are like that."""
    variant = _lack(spend) or ("" if spend.below_mean >= SKEWED else ".even")
    return Message(f"rfm.average{variant}", spend._asdict() | {"days": days}, spend.buyers, "buyer")


def concentrated(concentration: Concentration) -> Message:
    """How much of all revenue the top 1, 8 and 20 % of the buyers bring."""
    values = {f"top_{round(100 * share)}": part for share, part in concentration.top.items()}
    values |= {"gini": concentration.gini, "buyers": concentration.buyers}
    return Message(f"rfm.concentration{_lack(concentration)}", values, concentration.buyers, "buyer")


def headline(profile: pd.DataFrame) -> Message:
    """The tier that brings most beyond its number. `profile` is `rfm.tier_profile(...)`, in the order of the rules.

    The last tier holds everybody else: it is named only where no other brings more per head.
    """
    shares = profile[profile["customers"] > 0].dropna(subset=["customers_share", "revenue_share"])
    if shares.empty:
        return Message("rfm.headline.none", n=0)
    if len(shares) == 1:
        return Message("rfm.headline.one", {"tier": shares["tier"].iloc[0]}, int(shares["customers"].sum()))
    per_head = shares["revenue_share"] / shares["customers_share"]
    others = shares[shares["tier"] != profile["tier"].iloc[-1]]
    candidates = others if per_head[others.index].max() > per_head.drop(others.index).max() else shares
    best = candidates.loc[(candidates["revenue_share"] - candidates["customers_share"]).idxmax()]
    values = {name: best[name] for name in ("tier", "customers_share", "revenue_share")}
    return Message("rfm.headline", values, int(best["customers"]))


def absent(summary: Table, *, days: int, covered: int) -> Message:
    """How many of all who ever bought have not bought for more than so many days; `covered` is how many days we see."""
    text = """select count(*), coalesce(sum(case when recency_days > $days then 1 else 0 end), 0) from summary
        where orders_ever > 0 and not is_internal"""
    buyers, gone = summary.engine.sql(text, params={"days": days}, summary=summary).rows()[0]
    variant = ".unseen" if covered <= days else "" if gone else ".none"
    values = {"share": gone / max(buyers, 1), "gone": gone, "days": days, "covered": covered}
    return Message(f"rfm.absent{variant}", values, buyers)


def never_bought(summary: Table) -> Message | None:
    """How many registered and never bought; None where there are none."""
    text = "select count(*) from summary where orders_ever = 0 and not is_internal"
    people = summary.engine.sql(text, summary=summary).scalar()
    return Message("rfm.never_bought", {"people": people}, people, "person") if people else None


def anonymous(covered: Coverage) -> Message | None:
    """How much of the window's revenue belongs to nobody known; None where there is none."""
    share = float(covered.anonymous) / float(covered.revenue) if covered.revenue else 0.0
    return Message("rfm.anonymous", {"share": share}, 0) if covered.anonymous else None


def reshuffled(frequency: pd.Series) -> Message:
    """How many customers would get another frequency score in another order of the rows, were they ranked."""
    return Message("rfm.reshuffled", {"share": moved_by_shuffling(frequency)}, len(frequency), "buyer")


def movement(shares: pd.DataFrame) -> Message:
    """The tier whose share moved most between the first month-end and the last. `shares` is `rfm.tier_shares(...)`."""
    wide = _by_day(shares)
    if len(wide) < 2 or wide.index[-1] - wide.index[0] < A_MONTH:
        return Message("rfm.history.none", n=0)
    tier = (wide.iloc[-1] - wide.iloc[0]).abs().idxmax()
    return _change_of("rfm.history", shares, wide[tier])


def course(shares: pd.DataFrame, tier: str) -> Message:
    """How the share of one tier went between the first month-end and the last."""
    wide = _by_day(shares)
    own = wide.get(tier, pd.Series(0.0, wide.index, name=tier))
    return _change_of("rfm.course", shares, own, low=own.min(), high=own.max())


def filling(tiers: list[str], shares: pd.DataFrame, *, days: int) -> Message | None:
    """That some tiers are left out of the comparison of month-ends. `tiers` and `shares` are `rfm.comparable(...)`."""
    if not tiers or shares["as_of"].nunique() < 2:
        return None
    since = shares["as_of"].min()
    return Message("rfm.history.filling", {"tier": tiers[0], "since": since, "days": days}, _customers(shares, since))


def stayed(moves: pd.DataFrame, tier: str, *, since: date, until: date) -> Message:
    """What became of the customers who were in a tier at the start. `moves` is `rfm.migration(...)`."""
    rows = moves[moves["tier_before"] == tier].set_index("tier")
    values = {"tier": tier, "since": since, "until": until, "stayed": float(rows["share"].get(tier, 0.0))}
    left = rows["share"].drop(tier, errors="ignore")
    if len(left):
        values |= {"other": left.idxmax(), "moved": left.max()}
    variant = "" if len(left) else ".all" if len(rows) else ".none"
    return Message(f"rfm.migration{variant}", values, int(rows["customers"].sum()))


def cautions(run, summary: Table, cuts: Cuts) -> list[Message]:
    """What a reader of this run's tiers should know before trusting them."""
    rfm, record, spent = run.profile.rfm, run.state("rfm_cuts"), spend(summary)
    covered = coverage(run.table("orders"), as_of=run.as_of, window_days=rfm.window_days)
    sent = set(run.table("files").df()["table"])  # what the orders alone gave does not count
    before = record["window_days"] if record else cuts.window_days
    is_changed = before != cuts.window_days
    checks = [
        (0 < covered.days < rfm.window_days, "short_history", {"days": covered.days, "window": rfm.window_days}),
        ("customers" not in sent, "no_customers", {}),
        (not run.has("order_lines"), "no_lines", {}),
        (not spent.buyers, "no_buyers", {}),
        (spent.buyers and not covered.priced, "no_money", {}),
        (spent.buyers and spent.once >= MOST_ONCE, "one_purchase", {"share": spent.once}),
        (is_changed, "window_changed", {"before": before, "window": cuts.window_days}),
        (not is_changed and overruled(cuts, rfm), "cuts_overruled", {"day": cuts.as_of}),
    ]
    return [Message(f"rfm.flag.{key}", values) for applies, key, values in checks if applies] + _of_tiers(run)


def _of_tiers(run) -> list[Message]:
    """The tiers that nobody is in; or the only one that anybody is in."""
    occupied = set(run.table("rfm").df()["tier"])
    tiers = scope(run.profile)
    held = [tier for tier in tiers if tier in occupied]
    key, named = ("one_tier", held) if len(held) == 1 else ("empty_tier", [tier for tier in tiers if tier not in held])
    return [Message(f"rfm.flag.{key}", {"tier": tier, "rule": run.profile.tiers[tier].rule}) for tier in named]


def recut(shares: pd.DataFrame, tier: str) -> Message:
    """Where one tier's share went with frozen cuts, and where it would seem to have gone with cuts made anew. `shares`
    is `rfm.frozen_and_recut(...)`."""
    course = shares[shares["tier"] == tier].sort_values("as_of")
    values = {"tier": tier, "since": course["as_of"].iloc[0], "until": course["as_of"].iloc[-1]}
    for name in ("frozen", "recut"):
        values |= {f"{name}_before": float(course[name].iloc[0]), f"{name}_after": float(course[name].iloc[-1])}
    frozen, recut = (values[f"{name}_after"] - values[f"{name}_before"] for name in ("frozen", "recut"))
    key = "rfm.recut" if abs(recut - frozen) >= STEADY else "rfm.recut.same"
    return Message(key, values, len(course), "month_end")


def calendar(months: pd.DataFrame) -> Message:
    """The month for which the festival made most difference to the comparison with last year. `months` is
    `rfm.months_compared(...)`."""
    if months["season"].isna().all() and len(months):
        return Message("rfm.calendar.plain", {}, len(months), "month")
    in_season = months.dropna(subset=["season", "plain_change", "aligned_change"])
    if in_season.empty:
        return Message("rfm.calendar.none", n=0)
    shift = (in_season["aligned_change"] - in_season["plain_change"]).abs()
    if not shift.any():
        return Message("rfm.calendar.same", {}, len(in_season), "month")
    row = in_season.loc[shift.idxmax()]
    values = {"month": row["month"], "season": row["season"]}
    values |= {"plain": row["plain_change"], "aligned": row["aligned_change"]}
    return Message("rfm.calendar", values, len(in_season), "month")


def first_review(cuts: Cuts) -> Message:
    """That the limits are new, so that there is no drift to speak of yet."""
    variant = ".profile" if cuts.origin == "profile" else ""
    return Message(f"rfm.review.first{variant}", {"day": cuts.as_of}, 0)


def drifted(drift: pd.DataFrame, *, day: date, n: int) -> Message:
    """Whether recency, frequency or monetary value has drifted since the cuts were fixed, of `rfm.drift(...)`."""
    most = drift.loc[drift["psi"].idxmax()]
    variant = {"stable": ".none", "watch": ".watch", "act": ""}[most["verdict"]]
    return Message(f"rfm.drift{variant}", {"day": day, "psi": most["psi"], "column": most["measure"]}, n, "buyer")


def proposed(proposal: Proposal) -> Message | None:
    """What new cuts would do; None where they would move nobody."""
    values = proposal._asdict() | {"cuts": proposal.cuts.origin}
    variant = ".partly" if proposal.partly else ""
    return Message(f"rfm.proposal{variant}", values, proposal.customers) if proposal.customers else None


def grouped(table: pd.DataFrame, tier: str) -> Message:
    """Whether the groups found without rules agree with a tier. `table` is `rfm.against_tiers(...)`."""
    if tier not in table.index:
        return Message("rfm.clusters.none", n=0)
    row = table.loc[tier]
    share, purity = float(row.max() / row.sum()), float(row.max() / table[row.idxmax()].sum())
    verdict = "no" if share < AGREES else "yes" if purity >= FILLS else "wider"
    values = {"clusters": table.shape[1], "tier": tier, "agreement": share, "purity": purity}
    return Message(f"rfm.clusters.{verdict}", values, int(table.to_numpy().sum()), "buyer")


def divided(table: pd.DataFrame) -> Message | None:
    """The tier that is spread most over the groups found without rules; None where each is in one of them."""
    if (most := _most_mixed(table)) is None or most.iloc[0] >= AGREES:
        return None
    values = {"tier": most.name, "first": most.iloc[0], "second": most.iloc[1]}
    return Message("rfm.clusters.split", values, int(table.loc[most.name].sum()), "buyer")


def staged(rfm: pd.DataFrame) -> Message | None:
    """The tier whose customers are spread most over the stages of the lifecycle."""
    table = pd.crosstab(rfm["tier"], rfm["lifecycle"])
    if (most := _most_mixed(table)) is None:
        return None
    values = {"tier": most.name, "stage": most.index[0], "share": most.iloc[0]}
    is_mixed = most.iloc[0] < 1
    if is_mixed:
        values |= {"second": most.index[1], "second_share": most.iloc[1]}
    return Message(f"rfm.lifecycle{'' if is_mixed else '.pure'}", values, int(table.loc[most.name].sum()))


def came_back(cohorts: pd.DataFrame) -> Message | None:
    """How many new customers bought again one month and six months after their first purchase. `cohorts` is
    `rfm.cohorts(...)`.

    Where there are months enough, the first ones are left out: who seems new in them may be an old customer.
    """
    months = sorted(cohorts["cohort"].unique())
    is_long = len(months) > 2 * FIRST_MONTHS
    recent = cohorts[cohorts["cohort"] >= months[FIRST_MONTHS]] if is_long else cohorts
    buyers = recent.groupby("months_since")["buyers"].sum()
    if 6 not in buyers or 1 not in buyers:
        return None
    asked = {months_since: _old_enough(recent, months_since) for months_since in (1, 6)}
    shares = {name: float(buyers[since] / asked[since]) for name, since in (("first", 1), ("sixth", 6))}
    key = "rfm.cohorts" if is_long else "rfm.cohorts.all"
    return Message(key, shares | {"since": recent["cohort"].min()}, asked[1])


def waited(gaps: Gaps) -> Message:
    """How long customers take between two purchases."""
    variant = "" if gaps.gaps else ".none"
    return Message(f"rfm.gaps{variant}", {"median": gaps.median, "ninth": gaps.ninth_decile}, gaps.gaps, "gap")


def returning(months: pd.DataFrame) -> Message | None:
    """The share of the last twelve months' revenue that returning customers bring; None without any revenue. `months`
    is `rfm.new_and_returning(...)`."""
    recent = months.tail(A_YEAR)
    revenue = recent[["new_revenue", "returning_revenue"]].astype(float).sum()
    if recent.empty or revenue.sum() <= 0:
        return None
    values = {"share": float(revenue["returning_revenue"] / revenue.sum()), "since": recent["month"].iloc[0]}
    return Message("rfm.returning", values, len(recent), "month")


def different(differences: pd.DataFrame, *, n: int) -> Message | None:
    """In how many measures active and inactive buyers differ significantly; None with too few of either to compare."""
    if differences.empty:
        return None
    names = differences.loc[differences["significant"], "measure"].tolist()
    values = {"tested": len(differences), "found": len(names), "measure": names[0] if names else None}
    return Message(f"rfm.differences{'' if names else '.none'}", values, n, "buyer")


def measure_formats(differences: pd.DataFrame, profile) -> list[str]:
    """How the figures of each measure are written, one for each row: as money, as whole numbers, or with a decimal."""
    formats = []
    for row in differences.itertuples():
        measure = profile.measures.get(row.measure)
        is_whole = row.high == int(row.high) and row.low == int(row.low)
        is_money = measure and any(word in (getattr(measure, measure.kind) or "") for word in MONEY)
        formats.append("money" if is_money else "int" if is_whole else "num1")
    return formats


def mixed(change: RateChange | None, *, since: date, until: date) -> Message | None:
    """What moved the repeat rate between two days: the channels, or their mix."""
    if change is None:
        return None
    key = "rfm.simpson" if change.reversed else "rfm.simpson.none"
    return Message(key, change._asdict() | {"since": since, "until": until}, change.people, "buyer")


def _lack(figures: Spend | Concentration) -> str:
    """The variant of a text that says what is lacking: buyers, or money; nothing where there is enough of both."""
    if is_enough(figures):
        return ""
    return ".few" if figures.revenue > 0 or not figures.buyers else ".no_money"


def _by_day(shares: pd.DataFrame) -> pd.DataFrame:
    """The share of each tier (columns) at each month-end (rows)."""
    return shares.pivot(index="as_of", columns="tier", values="customers_share").fillna(0.0)


def _change_of(key: str, shares: pd.DataFrame, own: pd.Series, **values: Any) -> Message:
    """How the share of a tier went from the first day to the last; the direction is part of the key."""
    change = own.iloc[-1] - own.iloc[0]
    direction = "steady" if abs(change) < STEADY else "grew" if change > 0 else "shrank"
    values |= {"tier": own.name, "before": own.iloc[0], "after": own.iloc[-1]}
    values |= {"since": own.index[0], "until": own.index[-1]}
    return Message(f"{key}.{direction}", values, _customers(shares, own.index[-1]))


def _customers(shares: pd.DataFrame, day: Any) -> int:
    return int(shares.loc[shares["as_of"] == day, "customers"].sum())


def _most_mixed(table: pd.DataFrame) -> pd.Series | None:
    """Of the tiers with people enough, the shares of the one whose largest share is smallest; the largest first."""
    sizes = table.sum(axis=1)
    shares = table.div(sizes, axis=0)[sizes >= FEWEST]
    return None if shares.empty else shares.loc[shares.max(axis=1).idxmin()].sort_values(ascending=False, kind="stable")


def _old_enough(cohorts: pd.DataFrame, months_since: int) -> int:
    """New customers of the cohorts that are old enough to have had that month; at least 1."""
    month = cohorts["cohort"].dt.year * 12 + cohorts["cohort"].dt.month
    last = (month + cohorts["months_since"]).max()
    is_asked = (cohorts["months_since"] == 0) & (last - month >= months_since)
    return int(cohorts.loc[is_asked, "customers"].sum()) or 1
