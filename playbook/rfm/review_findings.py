"""What the review and the reading of the base found, as sentences."""

from datetime import date

import pandas as pd

from playbook.rfm import reading
from playbook.rfm.clusters import Clusters
from playbook.rfm.findings import Finding
from playbook.rfm.review import Proposal

#: From this share of a tier in one group on, rules and behaviour are said to agree.
AGREES = 0.8


def recut(shares: pd.DataFrame, tier: str) -> Finding:
    """How far one tier's share moved with frozen cuts, and with cuts made anew; in percentage points."""
    course = shares[shares["tier"] == tier]
    moved = {name: 100 * float(course[name].max() - course[name].min()) for name in ("frozen", "recut")}
    return Finding("rfm.recut", len(course), {"tier": tier} | moved)


def calendar(months: pd.DataFrame) -> Finding:
    """The month for which the festival made most difference to the comparison with last year."""
    if months["season"].isna().all() and len(months):
        return Finding("rfm.calendar.plain", len(months), {})
    known = months.dropna(subset=["season", "plain_change", "aligned_change"])
    if known.empty:
        return Finding("rfm.calendar.none", 0, {})
    row = known.loc[(known["aligned_change"] - known["plain_change"]).abs().idxmax()]
    values = {"month": row["month"], "season": row["season"], "plain": row["plain_change"]}
    return Finding("rfm.calendar", len(known), values | {"aligned": row["aligned_change"]})


def drifted(drift: pd.DataFrame, *, day: date, n: int) -> Finding:
    """Whether recency, frequency or monetary value has drifted since the cuts were fixed."""
    most = drift.loc[drift["psi"].idxmax()]
    if most["verdict"] == "stable":
        return Finding("rfm.drift.none", n, {"day": day, "psi": most["psi"]})
    return Finding("rfm.drift", n, {"day": day, "psi": most["psi"], "column": most["measure"]})


def proposed(found: Proposal) -> Finding:
    """What new cuts would do."""
    return Finding("rfm.proposal", found.customers, found._asdict() | {"cuts": found.cuts.origin})


def grouped(found: Clusters | None, table: pd.DataFrame, tier: str) -> Finding:
    """Whether the groups found without rules agree with a tier."""
    if found is None or tier not in table.index:
        return Finding("rfm.clusters.none", 0, {})
    row = table.loc[tier]
    share = float(row.max() / row.sum())
    values = {"clusters": table.shape[1], "tier": tier, "agreement": share}
    return Finding("rfm.clusters", len(found.labels), values | {"verdict": "yes" if share >= AGREES else "no"})


def staged(rfm: pd.DataFrame, tier: str) -> Finding | None:
    """The stage of the lifecycle that most customers of a tier are in."""
    stages = rfm.loc[rfm["tier"] == tier, "lifecycle"].value_counts()
    if stages.empty:
        return None
    said = {"tier": tier, "stage": stages.index[0], "share": float(stages.iloc[0] / stages.sum())}
    return Finding("rfm.lifecycle", int(stages.sum()), said)


def came_back(cohorts: pd.DataFrame) -> Finding | None:
    """How many new customers bought again one month and six months after their first purchase."""
    after = dict(list(cohorts.groupby("months_since")))
    if 6 not in after or 1 not in after:
        return None
    shares = {name: float(after[n]["buyers"].sum() / _asked(cohorts, n)) for name, n in (("first", 1), ("sixth", 6))}
    return Finding("rfm.cohorts", int(_asked(cohorts, 1)), shares)


def waited(found: reading.Gaps) -> Finding:
    """How long customers take between two purchases."""
    if not found.gaps:
        return Finding("rfm.gaps.none", 0, {})
    return Finding("rfm.gaps", found.gaps, {"median": found.median, "ninth": found.ninth_decile})


def registered(found: pd.DataFrame) -> Finding:
    """The share of revenue that registered members bring."""
    share = float(found.loc[found["buyer_kind"] == "member", "revenue_share"].sum())
    return Finding("rfm.members", int(found["orders"].sum()), {"share": share})


def returning(months: pd.DataFrame) -> Finding:
    """The share of the last twelve months' revenue that returning customers bring."""
    last = months.tail(12)[["new_revenue", "returning_revenue"]].astype(float).sum()
    share = float(last["returning_revenue"] / (last.sum() or 1.0))
    return Finding("rfm.returning", int(months.tail(12)["returning_buyers"].sum()), {"share": share})


def different(found: pd.DataFrame) -> Finding | None:
    """In how many measures lively and quiet buyers differ beyond chance; None with too few of either to compare."""
    if found.empty:
        return None
    beyond = found[found["beyond_chance"]] if len(found) else found
    if beyond.empty:
        return Finding("rfm.differences.none", 0, {"tested": len(found)})
    said = {"tested": len(found), "found": len(beyond), "measure": beyond["measure"].iloc[0]}
    return Finding("rfm.differences", len(beyond), said)


def mixed(found: reading.Simpson) -> Finding:
    """What moved a total: its parts, or their mix."""
    return Finding("rfm.simpson" if found.reversed else "rfm.simpson.none", 0, found._asdict())


def _asked(cohorts: pd.DataFrame, since: int) -> int:
    """New customers of the cohorts that are old enough to have had that month."""
    last = max(
        cohort + pd.DateOffset(months=int(since))
        for cohort, since in zip(cohorts["cohort"], cohorts["months_since"], strict=True)
    )
    sizes = cohorts.drop_duplicates("cohort").set_index("cohort")["customers"]
    ages = (last.year - sizes.index.year) * 12 + last.month - sizes.index.month
    return int(sizes[ages >= since].sum()) or 1
