"""What the review and the reading of the base found, as sentences."""

from datetime import date

import pandas as pd

from playbook.rfm import reading
from playbook.rfm.clusters import Clusters
from playbook.rfm.cuts import Cuts
from playbook.rfm.findings import STEADY, Finding
from playbook.rfm.review import Proposal

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


def recut(shares: pd.DataFrame, tier: str) -> Finding:
    """Where one tier's share went with frozen cuts, and where it would seem to have gone with cuts made anew."""
    course = shares[shares["tier"] == tier].sort_values("as_of")
    ends = {f"{name}_{at}": float(course[name].iloc[place]) for name in ("frozen", "recut") for at, place in _ENDS}
    apart = abs((ends["recut_after"] - ends["recut_before"]) - (ends["frozen_after"] - ends["frozen_before"]))
    days = {"since": course["as_of"].iloc[0], "until": course["as_of"].iloc[-1]}
    key = "rfm.recut" if apart >= STEADY else "rfm.recut.same"
    return Finding(key, len(course), {"tier": tier} | ends | days, of="month_end")


def calendar(months: pd.DataFrame) -> Finding:
    """The month for which the festival made most difference to the comparison with last year."""
    if months["season"].isna().all() and len(months):
        return Finding("rfm.calendar.plain", len(months), {}, of="month")
    known = months.dropna(subset=["season", "plain_change", "aligned_change"])
    if known.empty:
        return Finding("rfm.calendar.none", 0, {})
    shift = (known["aligned_change"] - known["plain_change"]).abs()
    if not shift.any():
        return Finding("rfm.calendar.same", len(known), {}, of="month")
    row = known.loc[shift.idxmax()]
    values = {"month": row["month"], "season": row["season"], "plain": row["plain_change"]}
    return Finding("rfm.calendar", len(known), values | {"aligned": row["aligned_change"]}, of="month")


def first_review(cuts: Cuts) -> Finding:
    """That the limits are new, so that there is no drift to speak of yet."""
    if cuts.origin == "profile":
        return Finding("rfm.review.first.profile", 0, {})
    return Finding("rfm.review.first", 0, {"day": cuts.as_of})


def drifted(drift: pd.DataFrame, *, day: date, n: int) -> Finding:
    """Whether recency, frequency or monetary value has drifted since the cuts were fixed."""
    most = drift.loc[drift["psi"].idxmax()]
    key = {"stable": "rfm.drift.none", "watch": "rfm.drift.watch", "act": "rfm.drift"}[most["verdict"]]
    return Finding(key, n, {"day": day, "psi": most["psi"], "column": most["measure"]}, of="buyer")


def proposed(found: Proposal) -> Finding:
    """What new cuts would do."""
    return Finding(
        f"rfm.proposal{'.partly' if found.partly else ''}",
        found.customers,
        found._asdict() | {"cuts": found.cuts.origin},
    )


def grouped(found: Clusters | None, table: pd.DataFrame, tier: str) -> Finding:
    """Whether the groups found without rules agree with a tier. `table` is `rfm.against_tiers(...)`."""
    if found is None or tier not in table.index:
        return Finding("rfm.clusters.none", 0, {})
    row = table.loc[tier]
    share, purity = float(row.max() / row.sum()), float(row.max() / table[row.idxmax()].sum())
    verdict = "no" if share < AGREES else "yes" if purity >= FILLS else "wider"
    values = {"clusters": table.shape[1], "tier": tier, "agreement": share, "purity": purity}
    return Finding(f"rfm.clusters.{verdict}", len(found.labels), values, of="buyer")


def divided(table: pd.DataFrame) -> Finding | None:
    """The tier that is spread most over the groups found without rules; None where each is in one of them."""
    if (most := _most_mixed(table)) is None or most.iloc[0] >= AGREES:
        return None
    values = {"tier": most.name, "first": most.iloc[0], "second": most.iloc[1]}
    return Finding("rfm.clusters.split", int(table.loc[most.name].sum()), values, of="buyer")


def staged(rfm: pd.DataFrame) -> Finding | None:
    """The tier whose customers are spread most over the stages of the lifecycle."""
    table = pd.crosstab(rfm["tier"], rfm["lifecycle"])
    if (most := _most_mixed(table)) is None:
        return None
    n, said = int(table.loc[most.name].sum()), {"tier": most.name, "stage": most.index[0], "share": most.iloc[0]}
    if len(most) < 2 or not most.iloc[1]:
        return Finding("rfm.lifecycle.pure", n, said)
    return Finding("rfm.lifecycle", n, said | {"second": most.index[1], "second_share": most.iloc[1]})


def came_back(cohorts: pd.DataFrame) -> Finding | None:
    """How many new customers bought again one month and six months after their first purchase.

    Where there are months enough, the first ones are left out: who seems new in them may be an old customer.
    """
    months = sorted(cohorts["cohort"].unique())
    is_long = len(months) > 2 * FIRST_MONTHS
    known = cohorts[cohorts["cohort"] >= months[FIRST_MONTHS]] if is_long else cohorts
    after = dict(list(known.groupby("months_since")))
    if 6 not in after or 1 not in after:
        return None
    shares = {name: float(after[n]["buyers"].sum() / _asked(known, n)) for name, n in (("first", 1), ("sixth", 6))}
    since = {"since": known["cohort"].min()}
    return Finding("rfm.cohorts" if is_long else "rfm.cohorts.all", int(_asked(known, 1)), shares | since)


def waited(found: reading.Gaps) -> Finding:
    """How long customers take between two purchases."""
    if not found.gaps:
        return Finding("rfm.gaps.none", 0, {})
    return Finding("rfm.gaps", found.gaps, {"median": found.median, "ninth": found.ninth_decile}, of="gap")


def registered(found: pd.DataFrame) -> Finding:
    """The share of revenue that registered members bring."""
    share = float(found.loc[found["buyer_kind"] == "member", "revenue_share"].sum())
    return Finding("rfm.members", int(found["orders"].sum()), {"share": share}, of="order")


def returning(months: pd.DataFrame) -> Finding | None:
    """The share of the last twelve months' revenue that returning customers bring; None without any revenue."""
    recent = months.tail(A_YEAR)
    last = recent[["new_revenue", "returning_revenue"]].astype(float).sum()
    if recent.empty or last.sum() <= 0:
        return None
    values = {"share": float(last["returning_revenue"] / last.sum()), "since": recent["month"].iloc[0]}
    return Finding("rfm.returning", len(recent), values, of="month")


def different(found: pd.DataFrame, *, n: int) -> Finding | None:
    """In how many measures lively and quiet buyers differ beyond chance; None with too few of either to compare."""
    if found.empty:
        return None
    beyond = found[found["beyond_chance"]]
    if beyond.empty:
        return Finding("rfm.differences.none", n, {"tested": len(found)}, of="buyer")
    said = {"tested": len(found), "found": len(beyond), "measure": beyond["measure"].iloc[0]}
    return Finding("rfm.differences", n, said, of="buyer")


def measure_formats(found: pd.DataFrame, profile) -> list[str]:
    """How the figures of each measure are written, one for each row: as money, as whole numbers, or with a decimal."""
    return [_measure_format(profile.measures.get(row.measure), row) for row in found.itertuples()]


def mixed(found: reading.Simpson, *, since: date, until: date) -> Finding:
    """What moved the repeat rate between two days: the channels, or their mix."""
    key = "rfm.simpson" if found.reversed else "rfm.simpson.none"
    return Finding(key, found.people, found._asdict() | {"since": since, "until": until}, of="buyer")


_ENDS = (("before", 0), ("after", -1))


def _measure_format(measure, row) -> str:
    if measure and any(word in (getattr(measure, measure.kind) or "") for word in MONEY):
        return "money"
    return "int" if row.high == int(row.high) and row.low == int(row.low) else "num1"


def _most_mixed(table: pd.DataFrame) -> pd.Series | None:
    """Of the tiers with people enough, the shares of the one whose largest share is smallest; the largest first."""
    shares = table[table.sum(axis=1) >= FEWEST].pipe(lambda kept: kept.div(kept.sum(axis=1), axis=0))
    return None if shares.empty else shares.loc[shares.max(axis=1).idxmin()].sort_values(ascending=False, kind="stable")


def _asked(cohorts: pd.DataFrame, since: int) -> int:
    """New customers of the cohorts that are old enough to have had that month."""
    last = max(
        cohort + pd.DateOffset(months=int(since))
        for cohort, since in zip(cohorts["cohort"], cohorts["months_since"], strict=True)
    )
    sizes = cohorts.drop_duplicates("cohort").set_index("cohort")["customers"]
    ages = (last.year - sizes.index.year) * 12 + last.month - sizes.index.month
    return int(sizes[ages >= since].sum()) or 1
